/* The two kinds of chart: norms against lag (lines with bands) and shares by hops (bars with intervals). */
const Charts = (() => {
  const { element, text, line, rect } = Svg;
  const DEEPEST = 60;
  /* Decades that are shown below the largest value of the chart; what lies deeper leaves the frame. */

  /** Return a round range of decades around all finite values, 1 included, and its ticks. */
  function decades(values) {
    const finite = values.filter(Number.isFinite);
    const top = Math.max(0, ...finite);
    const bottom = Math.max(Math.min(0, ...finite), top - DEEPEST);
    const step = [1, 2, 5, 10, 20, 50, 100, 200].find((size) => (top - bottom) / size <= 5) ?? 500;
    const first = Math.floor((bottom - 1e-9) / step);
    const last = Math.max(Math.ceil((top + 1e-9) / step), first + 1);
    const ticks = Array.from({ length: last - first + 1 }, (_, n) => (first + n) * step);
    return { low: first * step, high: last * step, ticks };
  }

  /** Return the shapes of a chart of log10 norms against lag.

      series: [{name, look, lags, values, low, high}], look being a class; marker: the lag that is chosen. */
  function norms(width, height, series, marker, last) {
    const frame = { left: 46, right: width - 8, top: 14, bottom: height - 34 };
    const range = decades(series.flatMap((one) => [...one.values, ...(one.low ?? []), ...(one.high ?? [])]));
    const x = (lag) => frame.left + ((lag - 1) / Math.max(last - 1, 1)) * (frame.right - frame.left);
    const clamp = (value) => Math.min(Math.max(value, range.low), range.high);
    const y = (value) =>
      frame.top + ((range.high - clamp(value)) / (range.high - range.low)) * (frame.bottom - frame.top);
    const horizontal = range.ticks.flatMap((value) => [
      line(frame.left, y(value), frame.right, y(value), { class: value === 0 ? "axis" : "grid" }),
      text(frame.left - 6, y(value) + 4, Words.tick(value), { class: "tick", "text-anchor": "end" }),
    ]);
    return [
      ...horizontal,
      ...lagAxis(frame, x, last),
      line(x(marker), frame.top, x(marker), frame.bottom, { class: "marker" }),
      ...series.flatMap((one) => [...band(one, x, y), ...curve(one, x, y, range, marker)]),
    ];
  }

  function lagAxis(frame, x, last) {
    const step = [1, 2, 5, 10, 20, 50, 100].find((size) => last / size <= 6) ?? 200;
    const ticks = [1];
    for (let lag = step; lag <= last; lag += step) if (lag > 1) ticks.push(lag);
    return [
      ...ticks.map((lag) => text(x(lag), frame.bottom + 15, String(lag), { class: "tick", "text-anchor": "middle" })),
      text((frame.left + frame.right) / 2, frame.bottom + 30, "lag k, steps back", {
        class: "name",
        "text-anchor": "middle",
      }),
    ];
  }

  function band({ lags, low, high, look }, x, y) {
    if (!low) return [];
    const shown = lags.map((_, n) => n).filter((n) => Number.isFinite(low[n]) && Number.isFinite(high[n]));
    if (shown.length < 2) return [];
    const there = shown.map((n) => `${x(lags[n]).toFixed(1)},${y(high[n]).toFixed(1)}`);
    const back = shown.reverse().map((n) => `${x(lags[n]).toFixed(1)},${y(low[n]).toFixed(1)}`);
    return [element("polygon", { points: [...there, ...back].join(" "), class: `band ${look}` })];
  }

  /** Return one line, broken where a value is missing, zero or below the frame, and a dot at the chosen lag. */
  function curve({ lags, values, look }, x, y, range, marker) {
    const pieces = [[]];
    lags.forEach((lag, n) => {
      if (Number.isFinite(values[n]) && values[n] >= range.low) {
        pieces[pieces.length - 1].push(`${x(lag).toFixed(1)},${y(values[n]).toFixed(1)}`);
      } else if (pieces[pieces.length - 1].length) pieces.push([]);
    });
    const chosen = lags.indexOf(marker);
    const dot = chosen >= 0 && Number.isFinite(values[chosen]) && values[chosen] >= range.low;
    return [
      ...pieces
        .filter((piece) => piece.length)
        .map((piece) => element("polyline", { points: piece.join(" "), class: `curve ${look}` })),
      ...(dot
        ? [
            element("circle", {
              cx: x(marker).toFixed(1),
              cy: y(values[chosen]).toFixed(1),
              r: 4,
              class: `dot ${look}`,
            }),
          ]
        : []),
    ];
  }

  /** Return the shapes of a bar chart of shares by hops; low and high are drawn where given. */
  function hops(width, height, names, shares, low, high) {
    const frame = { left: 40, right: width - 4, top: 20, bottom: height - 34 };
    const slot = (frame.right - frame.left) / names.length;
    const y = (share) => frame.bottom - Math.min(share, 1) * (frame.bottom - frame.top);
    const axis = [0, 0.5, 1].flatMap((share) => [
      line(frame.left, y(share), frame.right, y(share), { class: share === 0 ? "axis" : "grid" }),
      text(frame.left - 6, y(share) + 4, `${100 * share}%`, { class: "tick", "text-anchor": "end" }),
    ]);
    const bars = names.flatMap((name, n) => {
      const middle = frame.left + (n + 0.5) * slot;
      const share = Number.isFinite(shares[n]) ? shares[n] : 0;
      const top = y(Math.max(share, high?.[n] || 0));
      return [
        rect(middle - 0.36 * slot, y(share), 0.72 * slot, frame.bottom - y(share), {
          class: n === 0 ? "bar carry" : "bar hop",
        }),
        ...(high && high[n] > 0.004 ? [line(middle, y(low[n]), middle, y(high[n]), { class: "whisker" })] : []),
        ...(share >= 0.01
          ? [text(middle, top - 5, `${Math.round(100 * share)}%`, { class: "value", "text-anchor": "middle" })]
          : []),
        text(middle, frame.bottom + 15, name, { class: "tick", "text-anchor": "middle" }),
      ];
    });
    const label = "hops: recurrent matrices on the path";
    return [
      ...axis,
      ...bars,
      text((frame.left + frame.right) / 2, frame.bottom + 30, label, { class: "name", "text-anchor": "middle" }),
    ];
  }

  /** Return the names of the bars: 0, 1 ... and all that is more. */
  function hopNames(largest) {
    return [...Array.from({ length: largest + 1 }, (_, hop) => String(hop)), `${largest + 1}+`];
  }

  return Object.freeze({ norms, hops, hopNames });
})();
