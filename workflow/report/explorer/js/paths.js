/* Where the gradient flows: the lag Jacobian G = J_t J_{t-1} ... J_{t-k+1} of the whole state (h, C), by paths.

   A step's Jacobian is carry + recurrent part. Expanding the product sorts all paths by their hops, the number of
   recurrent matrices that they pass: G = sum over r of G^(r), exactly. Norms are Frobenius norms, log10 throughout.
*/
const Paths = (() => {
  const LAGS = 40;
  const HOPS = 8;
  const EDGES = Object.freeze(["C to C", "C to h", "h to C", "h to h"]);

  /** Return a step's Jacobian as scaled blocks: N over M, which are its h columns, and the diagonals of the carry. */
  function blocks({ f, df, M, N }) {
    const units = f.length;
    const both = new Float64Array(2 * units * units);
    both.set(N);
    both.set(M, N.length);
    const square = (values) => Scaled.of(units, units, Float64Array.from(values));
    return { units, hop: Scaled.of(2 * units, units, both), M: square(M), N: square(N), f, df };
  }

  /** Return the memory columns of P K: from C to C by f, and from C to h by d f. */
  function carried(product, { units, f, df }) {
    const values = new Float64Array(product.rows * units);
    for (let i = 0; i < product.rows; i++) {
      const row = i * product.columns;
      for (let j = 0; j < units; j++) {
        values[i * units + j] = product.values[row + j] * df[j] + product.values[row + units + j] * f[j];
      }
    }
    return { rows: product.rows, columns: units, values, exponent: product.exponent };
  }

  /** Go one step further back with G^(0) ... G^(HOPS) and the rest, the sum of all paths with more hops.

      The C columns of a product come from itself, by the carry; its h columns from the product with one hop less. */
  function advanceHops(hops, step) {
    const rest = hops[HOPS + 1];
    const below = [zero(2 * step.units), ...hops.slice(0, HOPS), Scaled.plus(hops[HOPS], rest)];
    return hops.map((product, r) => Scaled.beside(Scaled.times(below[r], step.hop), carried(product, step)));
  }

  /** Return G^(0) ... G^(HOPS) and the rest at lag 0: the identity, and zeros. */
  function startHops(size) {
    return [Scaled.identity(size), ...Array.from({ length: HOPS + 1 }, () => zero(size))];
  }

  function zero(size) {
    return Scaled.of(size, size, new Float64Array(size * size));
  }

  function dense(step) {
    return Scaled.beside(step.hop, carried(Scaled.identity(2 * step.units), step));
  }

  /** Return log10 norms for every lag 1 ... LAGS back from the last step: a list of records by lag.

      norm: whole state; hToH: output to output; hops[r]: paths with exactly r recurrent matrices, r = 0 ... HOPS, and
      rest: those with more; shares: their squared norms as shares of the sum; carry = hops[0]; forget: the C to C
      block of the carry, the product of forget gates; article: the product of the h to h blocks of single steps,
      which the article of 2018 takes for hToH. */
  function profile(steps) {
    const size = 2 * steps[0].units;
    const half = size / 2;
    let total = Scaled.identity(size);
    let hops = startHops(size);
    let article = Scaled.identity(half);
    return steps
      .slice(-LAGS)
      .reverse()
      .map((step, index) => {
        total = Scaled.beside(Scaled.times(total, step.hop), carried(total, step));
        hops = advanceHops(hops, step);
        article = Scaled.rescaled(Scaled.times(article, step.N));
        const norms = hops.map(Scaled.log10Norm);
        return {
          lag: index + 1,
          norm: Scaled.log10Norm(total),
          hToH: Scaled.log10Norm(Scaled.block(total, 0, half, 0, half)),
          hops: norms.slice(0, -1),
          rest: norms[norms.length - 1],
          carry: norms[0],
          forget: Scaled.log10Norm(Scaled.block(hops[0], half, size, half, size)),
          article: Scaled.log10Norm(article),
          shares: shares(norms),
        };
      });
  }

  /** Return each squared norm as a share of their sum, from log10 norms; zeros if all norms are zero. */
  function shares(norms) {
    const top = Math.max(...norms);
    if (top === -Infinity) return norms.map(() => 0);
    const squares = norms.map((norm) => 10 ** (2 * (norm - top)));
    const sum = squares.reduce((a, b) => a + b, 0);
    return squares.map((square) => square / sum);
  }

  /** Return, for the k steps from t - k + 1 to t, the share of each of the four EDGES of that step.

      All paths through one edge (p from q) sum to (J_t ... J_{i+1})[:, p] J_i[p, q] (J_{i-1} ...)[q, :]; over the four
      edges of a step these sum to G. The share is that of the squared norm. */
  function flow(all, lag) {
    const steps = all.slice(-lag);
    const size = 2 * steps[0].units;
    const before = [Scaled.identity(size)];
    const matrices = steps.map(dense);
    matrices.slice(0, -1).forEach((matrix, n) => before.push(Scaled.rescaled(Scaled.times(matrix, before[n]))));
    const out = [];
    let after = Scaled.identity(size);
    for (let n = steps.length - 1; n >= 0; n--) {
      out.unshift(shares(through(after, steps[n], before[n])));
      after = Scaled.rescaled(Scaled.times(after, matrices[n]));
    }
    return out;
  }

  /** Return the log10 norms of all paths through each edge of one step, in the order of EDGES. */
  function through(after, { units, f, df, M, N }, before) {
    const size = 2 * units;
    const toH = Scaled.block(after, 0, size, 0, units);
    const toC = Scaled.block(after, 0, size, units, size);
    const fromH = Scaled.block(before, 0, units, 0, size);
    const fromC = Scaled.block(before, units, size, 0, size);
    const norm = (left, right) => Scaled.log10Norm(Scaled.rescaled(Scaled.times(left, right)));
    return [
      norm(scaledColumns(toC, f), fromC),
      norm(scaledColumns(toH, df), fromC),
      norm(Scaled.times(toC, M), fromH),
      norm(Scaled.times(toH, N), fromH),
    ];
  }

  function scaledColumns(matrix, diagonal) {
    const values = matrix.values.map((value, n) => value * diagonal[n % matrix.columns]);
    return Scaled.of(matrix.rows, matrix.columns, values, matrix.exponent);
  }

  /** Return everything about one network: weights, inputs, run, norms by lag and the flow at the chosen lag. */
  function measure(settings) {
    const weights = Lstm.weights(settings);
    const inputs = Lstm.inputs(settings);
    const steps = Lstm.run(weights, inputs);
    const factors = Lstm.jacobians(weights, steps, settings).map(blocks);
    const profiles = profile(factors);
    const at = profiles[settings.lag - 1];
    return { settings, weights, inputs, steps, profiles, at, flow: flow(factors, settings.lag) };
  }

  /** Return the growth per step in nats: the slope of ln norm between half the largest lag and the largest. */
  function growth(profiles) {
    const last = profiles[profiles.length - 1];
    const middle = profiles[profiles.length / 2 - 1];
    if (last.norm === -Infinity) return -Infinity;
    return ((last.norm - middle.norm) * Math.LN10) / (last.lag - middle.lag);
  }

  return Object.freeze({ LAGS, HOPS, EDGES, measure, growth });
})();
