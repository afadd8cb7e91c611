/* The study's tables as they were put into the page: compact whole numbers, turned back into what they stand for. */
const Study = (() => {
  /** Return the study: axes, cells, kinds and points by key. */
  function load(text) {
    const raw = JSON.parse(text);
    const points = raw.points.map((point) => ({ ...point, lags: raw.lags[point.lags] }));
    return { ...raw, points, byKey: new Map(points.map((point) => [key(point), point])) };
  }

  function key({ cell, kind, gain, bias, hidden }) {
    return [cell, kind, gain ?? "-", bias ?? "-", hidden].join("|");
  }

  /** Return a stored list (or one value for all) as numbers; null is no value, "-inf" an exact zero. */
  function numbers(stored, unit, length) {
    const list = Array.isArray(stored) ? stored : Array(length).fill(stored);
    return list.map((value) => number(value, unit));
  }

  function number(value, unit) {
    if (value === null || value === undefined) return NaN;
    return typeof value === "string" ? Number(value.replace("inf", "Infinity")) : value * unit;
  }

  /** Return which axes a cell reads under a kind of weights and inputs. */
  function reads(study, cell, kind) {
    const own = study.points.filter((point) => point.cell === cell && point.kind === kind);
    return { gain: own.some((point) => point.gain !== null), bias: own.some((point) => point.bias !== null) };
  }

  /** Return the kinds under which a cell was measured. */
  function kindsOf(study, cell) {
    const used = new Set(study.points.filter((point) => point.cell === cell).map((point) => point.kind));
    return study.kinds.filter((kind) => used.has(kind.name));
  }

  /** Return the point that was chosen, or null if the study has not measured it. */
  function find(study, { cell, kind, gain, bias, hidden }) {
    const read = reads(study, cell, kind);
    return (
      study.byKey.get(key({ cell, kind, gain: read.gain ? gain : null, bias: read.bias ? bias : null, hidden })) ??
      null
    );
  }

  /** Return the measured point that lies nearest to a choice, in places on the axes; of the same cell and kind. */
  function nearest(study, choice) {
    const away = (axis, one, other) =>
      one === null ? 0 : Math.abs(study.axes[axis].indexOf(one) - study.axes[axis].indexOf(other));
    const distance = (point) =>
      ["hidden", "gain", "bias"].reduce((sum, axis) => sum + away(axis, point[axis], choice[axis]), 0);
    const own = study.points.filter((point) => point.cell === choice.cell && point.kind === choice.kind);
    return own.reduce((best, point) => (best && distance(best) <= distance(point) ? best : point), null);
  }

  /** Return the value of a list that lies nearest to a wanted one. */
  function closest(values, wanted) {
    return values.reduce((best, value) => (Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best));
  }

  /** Return a quantity of a point over its lags, log10: {lags, median, low, high, n}; null where it has none. */
  function profile(study, point, quantity) {
    const stored = point[quantity];
    if (!stored) return null;
    const list = (name, unit) => numbers(stored[name], unit, point.lags.length);
    const unit = study.units.log10;
    return {
      lags: point.lags,
      median: list("median", unit),
      low: list("low", unit),
      high: list("high", unit),
      n: list("n", 1),
    };
  }

  /** Return the shares by hops at a lag: {median, low, high, n}; null where the lag was not measured. */
  function shares(study, point, lag) {
    const place = point.lags.indexOf(lag);
    if (place < 0) return null;
    const list = (name) => numbers(point.shares[name][place], study.units.share, point.hops + 2);
    return { median: list("median"), low: list("low"), high: list("high"), n: number(at(point.shares.n, place), 1) };
  }

  /** Return a profile's value at a lag: {median, low, high, n}; null where it was not measured. */
  function value(profile, lag) {
    const place = profile ? profile.lags.indexOf(lag) : -1;
    if (place < 0) return null;
    return { median: profile.median[place], low: profile.low[place], high: profile.high[place], n: profile.n[place] };
  }

  /** Return lambda_1 of a point in nats per step: {median, low, high, n}. */
  function exponent(study, point) {
    const [median, low, high] = numbers(point.exponent, study.units.rate, 3);
    return { median, low, high, n: point.n };
  }

  function at(stored, place) {
    return Array.isArray(stored) ? stored[place] : stored;
  }

  return Object.freeze({ load, reads, kindsOf, find, nearest, closest, profile, shares, value, exponent });
})();
