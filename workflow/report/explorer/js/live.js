/* The live network on the page: its findings, its graph, its two charts, its numbers. */
const Live = (() => {
  const byId = (id) => document.getElementById(id);
  const LOOKS = ["whole", "carry", "article"];
  const LINES = [
    ["norm", "Whole gradient"],
    ["carry", "Carry alone"],
    ["article", "The article’s product"],
  ];

  const ABOUT =
    "log10 Frobenius norms of G = ds_t/ds_{t-k} by lag k = 1 ..., s = (h, C), t the last step; -inf: exactly zero. " +
    "U[gate][row][column], W[gate][row] and b[gate][row] with gates in the order i, f, g, o; states from step 0 on.";

  const FIELDS = {
    gain: { kind: "number", low: 0, high: 8, step: 0.1, value: 1 },
    bias: { kind: "number", low: -3, high: 6, step: 0.1, value: 0 },
    lag: { kind: "number", low: 1, high: Paths.LAGS, step: 1, value: 20 },
    units: { kind: "number", low: 2, high: Lstm.MOST_UNITS, step: 1, value: 8 },
    seed: { kind: "number", low: 1, high: 9999, step: 1, value: 2 },
    inputs: { kind: "choice", of: Lstm.INPUTS, value: "noise" },
    freeze: { kind: "flag", value: false },
    cut: { kind: "flag", value: false },
  };
  /* Everything that the network depends on. */

  /** Return only what the network depends on. */
  function settings(state) {
    return Object.fromEntries(Object.keys(FIELDS).map((name) => [name, state[name]]));
  }

  /** Return the finding in two parts: what became of the gradient, and by which way it came. */
  function finding({ settings: { lag }, profiles, at }) {
    const fate = lag === 1 ? "goes one step back" : Words.fate(profiles[0].norm, at.norm);
    const size = `${Words.steps(lag)} back its size is ${Words.power(at.norm)}. ${Words.route(at.shares)}`;
    return { head: `The gradient ${fate}.`, body: size };
  }

  /** Draw everything that a network shows. */
  function show(network) {
    const { head, body } = finding(network);
    drawGraph(network, `${head} ${body}`);
    drawNorms(network);
    drawHops(network);
    listNumbers(network);
  }

  function drawGraph({ flow, profiles, settings: { lag } }, title) {
    const norms = profiles.slice(0, lag).map((profile) => profile.norm);
    Svg.draw(byId("graph"), PathGraph.HEIGHT, `Path graph over ${Words.steps(lag)}. ${title}`, (width) =>
      PathGraph.shapes(width, flow, norms),
    );
    const step = (back) => (back ? `t−${back}` : "t");
    const rows = flow.map((shares, n) => [`${step(lag - n)} to ${step(lag - n - 1)}`, ...shares.map(Words.percent)]);
    Svg.table(
      byId("graph-table"),
      "Share of the squared norm through each edge of a step",
      ["Step", ...Paths.EDGES],
      rows,
    );
  }

  function drawNorms({ profiles, settings: { lag }, at }) {
    const lags = profiles.map((profile) => profile.lag);
    const series = LINES.map(([name], n) => ({
      look: LOOKS[n],
      lags,
      values: profiles.map((profile) => profile[name]),
    }));
    const words = LINES.map(([name, label]) => `${label} ${Words.power(at[name])}`).join(", ");
    Svg.draw(byId("live-norms"), 230, `Norm against lag. At lag ${lag}: ${words}.`, (width, height) =>
      Charts.norms(width, height, series, lag, Paths.LAGS),
    );
    LINES.forEach(([name], n) => {
      byId(`live-${LOOKS[n]}`).textContent = Words.power(at[name]);
    });
    const rows = profiles.map((profile) => [
      String(profile.lag),
      ...LINES.map(([name]) => Words.power(profile[name])),
    ]);
    Svg.table(byId("live-norms-table"), "Norms by lag", ["Lag", ...LINES.map(([, label]) => label)], rows);
  }

  function drawHops({ at, settings: { lag } }) {
    const names = Charts.hopNames(Paths.HOPS);
    Svg.draw(byId("live-hops"), 230, `Shares by hops at lag ${lag}. ${Words.route(at.shares)}`, (width, height) =>
      Charts.hops(width, height, names, at.shares),
    );
    const norms = [...at.hops, at.rest];
    const rows = names.map((name, n) => [name, Words.percent(at.shares[n]), Words.power(norms[n])]);
    Svg.table(byId("live-hops-table"), `Paths by hops at lag ${lag}`, ["Hops", "Share", "Norm"], rows);
  }

  function listNumbers({ at, profiles, steps, settings: { lag, freeze, cut } }) {
    const half = Paths.LAGS / 2;
    const gates = steps.flatMap((step) => step.f);
    const rows = [
      ["Whole gradient ‖G‖", Words.power(at.norm)],
      ["Carry alone ‖G⁽⁰⁾‖", Words.power(at.carry)],
      ["Product of forget gates Π f", Words.power(at.forget)],
      ["From output to output ‖∂h(t)/∂h(t−k)‖", Words.power(at.hToH)],
      ["The article’s product ‖Π ∂h/∂h‖", Words.power(at.article)],
      ["Carry share ‖G⁽⁰⁾‖ / ‖G‖", Words.percent(10 ** (at.carry - at.norm))],
      [`Growth per step, lags ${half} to ${Paths.LAGS}, in nats`, Words.decimals(Paths.growth(profiles), 3)],
      ["Mean forget gate of the run", Words.percent(gates.reduce((a, b) => a + b, 0) / gates.length)],
    ];
    const changed = [freeze ? "f frozen" : "", cut ? "h-edges cut" : ""].filter(Boolean).join(", ");
    Svg.table(byId("live-numbers"), `At lag ${lag}${changed ? `, ${changed}` : ""}`, ["Quantity", "Value"], rows);
  }

  /** Return the network with everything that it computed, as JSON; an exact zero's logarithm is "-inf". */
  function numbers({ settings: set, weights, inputs, steps, profiles, flow }) {
    const states = [steps[0].before, ...steps.map((step) => step.after)];
    const column = (name) => profiles.map((profile) => profile[name]);
    const out = {
      about: ABOUT,
      settings: set,
      gates: Lstm.GATES,
      weights,
      inputs,
      states: { h: states.map((state) => state.h), c: states.map((state) => state.c) },
      log10: {
        norm: column("norm"),
        h_to_h: column("hToH"),
        carry: column("carry"),
        carry_c_to_c: column("forget"),
        article: column("article"),
        hops: column("hops"),
        hop_rest: column("rest"),
      },
      edges: { names: Paths.EDGES, shares: flow },
    };
    return JSON.stringify(out, (_, value) => (value === -Infinity ? "-inf" : value));
  }

  return Object.freeze({ FIELDS, settings, finding, show, numbers });
})();
