/* What the study measured: the chosen point's profile, its hops, and maps of its cell over gain and forget bias. */
const Measured = (() => {
  const byId = (id) => document.getElementById(id);
  const LINES = [
    ["norm", "whole"],
    ["carry", "carry"],
    ["article", "article"],
  ];
  const QUANTITIES = { norm: "the whole gradient", carry: "the carry alone", article: "the article’s product" };

  /** Return the fields that the study's axes allow. */
  function fields(study) {
    const { gain, bias, hidden, lag } = study.axes;
    const first = study.points[0];
    const choice = (of, value) => ({ kind: "choice", of, value });
    const main = study.kinds[0].name;
    const cells = Object.keys(study.cells);
    return {
      cell: choice(cells, cells.includes("lstm") ? "lstm" : first.cell),
      kind: choice(
        study.kinds.map((one) => one.name),
        main,
      ),
      mgain: choice(gain, gain.length ? Study.closest(gain, 1) : null),
      mbias: choice(bias, bias.length ? Study.closest(bias, 1) : null),
      mhidden: choice(
        hidden,
        Math.max(...study.points.filter((point) => point.kind === main).map((point) => point.hidden)),
      ),
      mlag: choice(lag, Study.closest(lag, 20)),
    };
  }

  function choiceOf({ cell, kind, mgain, mbias, mhidden }) {
    return { cell, kind, gain: mgain, bias: mbias, hidden: mhidden };
  }

  /** Return a point in words: LSTM with 64 units, gain 1, forget bias 1. */
  function name(study, { cell, gain, bias, hidden }) {
    const read = [
      [gain, "gain"],
      [bias, "forget bias"],
    ].filter(([value]) => value !== null);
    const settings = read.map(([value, label]) => `, ${label} ${Words.plain(value)}`);
    return `${study.cells[cell]} with ${hidden} units${settings.join("")}`;
  }

  /** Return a median with its interval; once, where all three are written alike. */
  function interval(value, write) {
    if (value.low === value.high) return write(value.median);
    return `${write(value.median)} (${write(value.low)} to ${write(value.high)})`;
  }

  /** Return the finding at the chosen lag, or what is missing. */
  function finding(study, state) {
    const point = Study.find(study, choiceOf(state));
    if (!point) return { missing: unmeasured(study, state), nearest: Study.nearest(study, choiceOf(state)) };
    const shares = Study.shares(study, point, state.mlag);
    if (!shares) {
      const missing = `Lag ${state.mlag} was not measured for this choice; lags up to ${Math.max(...point.lags)} were.`;
      return { point, missing, lag: Study.closest(point.lags, state.mlag) };
    }
    const norm = Study.profile(study, point, "norm");
    const [first, now] = [Study.value(norm, point.lags[0]), Study.value(norm, state.mlag)];
    const fate = state.mlag === 1 ? "goes one step back" : Words.fate(first.median, now.median);
    const size = `${Words.steps(state.mlag)} back its size is ${interval(now, Words.power)}`;
    const body = `${name(study, point)}: ${size}. ${Words.route(shares.median)}`;
    return { point, head: `Measured: the gradient ${fate}.`, body };
  }

  /** Say which choice the study did not measure. */
  function unmeasured(study, state) {
    const choice = choiceOf(state);
    const read = Study.reads(study, state.cell, state.kind);
    const chosen = { ...choice, gain: read.gain ? choice.gain : null, bias: read.bias ? choice.bias : null };
    const { label } = study.kinds.find((kind) => kind.name === state.kind);
    return `The study did not measure ${name(study, chosen)} (${label}).`;
  }

  /** Return one sentence about the LSTM measured nearest to a setting of the live network; empty without one. */
  function beside(study, { gain, bias, lag }, quantity) {
    const point = nearestLstm(study, gain, bias);
    if (!point) return "";
    const at = Study.closest(point.lags, lag);
    const value = Study.value(Study.profile(study, point, quantity), at);
    if (!value) return "";
    return (
      `The study measured ${QUANTITIES[quantity]} of an ${name(study, point)}: ` +
      `${interval(value, Words.power)} at lag ${at}, n\u00a0=\u00a0${value.n}.`
    );
  }

  /** Return the largest LSTM of the main grid nearest to a gain and a forget bias; null where there is none. */
  function nearestLstm(study, gain, bias) {
    const main = study.kinds[0].name;
    const isMain = ({ cell, kind, gain: g, bias: b }) => cell === "lstm" && kind === main && g !== null && b !== null;
    const own = study.points.filter(isMain);
    if (!own.length) return null;
    const hidden = Math.max(...own.map((point) => point.hidden));
    const distance = (point) => Math.abs(point.gain - gain) + Math.abs(point.bias - bias);
    return own.filter((point) => point.hidden === hidden).reduce((a, b) => (distance(b) < distance(a) ? b : a));
  }

  /** Draw everything that the choice shows. */
  function show(study, state, choose) {
    const found = finding(study, state);
    byId("measured-head").textContent = found.missing ? "No number here." : found.head;
    byId("measured-body").textContent = found.missing ?? found.body;
    offer(study, state, found, choose);
    byId("measured-pictures").hidden = !found.point;
    if (found.point) {
      drawNorms(study, state, found.point);
      drawHops(study, state, found.point);
      sayCount(study, state, found.point);
    }
    Maps.show(study, state, choose);
  }

  /** Offer the nearest choice that was measured. */
  function offer(study, state, { missing, nearest, lag }, choose) {
    const button = byId("measured-nearest");
    button.hidden = !missing || !(nearest || lag);
    if (button.hidden) return;
    button.textContent = nearest ? `Go to the nearest one measured: ${name(study, nearest)}` : `Go to lag ${lag}`;
    button.onclick = () =>
      choose(
        nearest
          ? { mgain: nearest.gain ?? state.mgain, mbias: nearest.bias ?? state.mbias, mhidden: nearest.hidden }
          : { mlag: lag },
      );
  }

  function drawNorms(study, state, point) {
    const profiles = LINES.map(([quantity, look]) => ({ look, profile: Study.profile(study, point, quantity) }));
    const known = profiles.filter(({ profile }) => profile);
    const series = known.map(({ look, profile }) => ({ look, ...profile, values: profile.median }));
    const last = Math.max(...point.lags);
    Svg.draw(
      byId("measured-norms"),
      250,
      `Norm against lag, ${name(study, point)}: medians with intervals.`,
      (width, height) => Charts.norms(width, height, series, state.mlag, last),
    );
    profiles.forEach(({ look, profile }) => {
      const value = Study.value(profile, state.mlag);
      byId(`measured-${look}`).textContent = value
        ? interval(value, Words.power)
        : profile
          ? "not at this lag"
          : "none here";
    });
    const entry = ({ profile }, lag) => (profile ? interval(Study.value(profile, lag), Words.power) : "none");
    const rows = point.lags.map((lag) => [String(lag), ...profiles.map((one) => entry(one, lag))]);
    const headings = ["Lag", "Whole gradient", "Carry alone", "The article’s product"];
    Svg.table(byId("measured-norms-table"), "Norms by lag: median (interval)", headings, rows);
  }

  function drawHops(study, state, point) {
    const names = Charts.hopNames(point.hops);
    const shares = Study.shares(study, point, state.mlag);
    const { median, low, high } = shares ?? { median: [], low: [], high: [] };
    const title = shares ? `Shares by hops at lag ${state.mlag}. ${Words.route(median)}` : "No shares at this lag.";
    Svg.draw(byId("measured-hops"), 250, title, (width, height) =>
      Charts.hops(width, height, names, median, low, high),
    );
    const entry = (n) => interval({ median: median[n], low: low[n], high: high[n] }, Words.percent);
    const rows = shares ? names.map((hop, n) => [hop, entry(n)]) : [];
    Svg.table(
      byId("measured-hops-table"),
      `Paths by hops at lag ${state.mlag}: median share (interval)`,
      ["Hops", "Share"],
      rows,
    );
  }

  /** Say how many networks stand behind the numbers, and what the interval promises. */
  function sayCount(study, state, point) {
    const value = Study.value(Study.profile(study, point, "norm"), state.mlag);
    const n = value ? value.n : point.n;
    const lost = n < point.replicates ? ` of ${point.replicates}; the others met a number that is not finite` : "";
    const coverage = Words.percent(study.coverage[n] ?? NaN);
    const promise = `the interval that holds the true median with probability ${coverage}`;
    byId("measured-count").textContent =
      `Medians of n = ${n} networks${lost}. In parentheses and as bands: ${promise}.`;
  }

  return Object.freeze({ fields, finding, beside, nearestLstm, show, interval });
})();
