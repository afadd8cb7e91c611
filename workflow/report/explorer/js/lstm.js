/* A small LSTM in float64, from its equations (Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000):

     i, f, o = sigmoid(U h + W x + b),  g = tanh(U h + W x + b)      each gate with weights of its own
     C' = f C + i g
     h' = o tanh C'

   and its one-step Jacobian, split into what passes a recurrent matrix and what does not. With d = o (1 - tanh^2 C'):

     to memory from output   M = D(g i(1-i)) U_i + D(C f(1-f)) U_f + D(i (1-g^2)) U_g     recurrent
     to output from output   N = D(d) M + D(tanh C' o(1-o)) U_o                           recurrent
     to memory from memory   D(f)                                                         carry
     to output from memory   D(d f)                                                       carry
*/
const Lstm = (() => {
  const GATES = Object.freeze(["i", "f", "g", "o"]);
  const STEPS = 60;
  const MOST_UNITS = 8;
  const INPUTS = Object.freeze({
    noise: (seed, step) => Random.normal(seed, 9, step),
    wave: (seed, step) => Math.sin((2 * Math.PI * step) / 12),
    pulse: (seed, step) => (step === 20 ? 3 : 0),
    silence: () => 0,
  });

  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const range = (n) => Array.from({ length: n }, (_, index) => index);

  /** Return U[gate][row][column] ~ N(0, gain^2/H), W[gate][row] ~ N(0, 1) and b, zero but for the forget gate. */
  function weights({ gain, bias, units, seed }) {
    const scale = gain / Math.sqrt(units);
    const draw = (stream, index) => Random.normal(seed, stream, index);
    return {
      U: GATES.map((_, n) =>
        range(units).map((r) => range(units).map((c) => scale * draw(1 + n, r * MOST_UNITS + c))),
      ),
      W: GATES.map((_, n) => range(units).map((r) => draw(5 + n, r))),
      b: GATES.map((gate) => range(units).map(() => (gate === "f" ? bias : 0))),
    };
  }

  /** Return the inputs x_1 ... x_T. */
  function inputs({ inputs: kind, seed }) {
    return range(STEPS).map((index) => INPUTS[kind](seed, index + 1));
  }

  function drive(weights, gate, unit, h, x) {
    let sum = weights.W[gate][unit] * x + weights.b[gate][unit];
    for (let j = 0; j < h.length; j++) sum += weights.U[gate][unit][j] * h[j];
    return sum;
  }

  /** Return one step: its gates, the states before and after, each a list over units. */
  function step(weights, before, x) {
    const units = range(before.h.length);
    const gate = {};
    GATES.forEach((name, n) => {
      const squash = name === "g" ? Math.tanh : sigmoid;
      gate[name] = units.map((unit) => squash(drive(weights, n, unit, before.h, x)));
    });
    const c = units.map((u) => gate.f[u] * before.c[u] + gate.i[u] * gate.g[u]);
    const h = units.map((u) => gate.o[u] * Math.tanh(c[u]));
    return { ...gate, before, after: { h, c } };
  }

  /** Run over all inputs from the zero state and return the steps, the first at index 0. */
  function run(weights, inputs) {
    const zero = weights.b[0].map(() => 0);
    let state = { h: zero, c: zero };
    return inputs.map((x) => {
      const made = step(weights, state, x);
      state = made.after;
      return made;
    });
  }

  /** Return one step's Jacobian: diagonals f and df of the carry, and M and N by rows. */
  function jacobian(weights, made) {
    const { i, f, g, o, before, after } = made;
    const [Ui, Uf, Ug, Uo] = weights.U;
    const units = f.length;
    const [M, N] = [new Float64Array(units * units), new Float64Array(units * units)];
    const df = f.map((forget, u) => {
      const tanhC = Math.tanh(after.c[u]);
      const d = o[u] * (1 - tanhC * tanhC);
      const viaI = g[u] * i[u] * (1 - i[u]);
      const viaF = before.c[u] * forget * (1 - forget);
      const viaG = i[u] * (1 - g[u] * g[u]);
      const viaO = tanhC * o[u] * (1 - o[u]);
      for (let j = 0; j < units; j++) {
        const entry = viaI * Ui[u][j] + viaF * Uf[u][j] + viaG * Ug[u][j];
        M[u * units + j] = entry;
        N[u * units + j] = d * entry + viaO * Uo[u][j];
      }
      return d * forget;
    });
    return { f, df, M, N };
  }

  /** Return the Jacobians of all steps, changed as asked for; the run itself stays as it was.

      freeze: every carry at its unit's mean over time; cut: nothing passes a recurrent matrix. */
  function jacobians(weights, steps, { freeze, cut }) {
    const parts = steps.map((made) => jacobian(weights, made));
    const mean = (name) => parts[0][name].map((_, u) => parts.reduce((sum, p) => sum + p[name][u], 0) / parts.length);
    const frozen = freeze ? { f: mean("f"), df: mean("df") } : {};
    const none = new Float64Array(parts[0].M.length);
    return parts.map((part) => ({ ...part, ...frozen, ...(cut ? { M: none, N: none } : {}) }));
  }

  return Object.freeze({ GATES, STEPS, MOST_UNITS, INPUTS: Object.keys(INPUTS), weights, inputs, run, jacobians });
})();
