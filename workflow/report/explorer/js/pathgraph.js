/* The unrolled path graph: memory C above, output h below, one column per step, lit up by where the gradient flows.

   Width and brightness of an edge are its share of the squared norm among the four edges of its step; the brightness is
   dimmed where little gradient has come back so far. Carry edges are solid, recurrent edges dashed, so that they differ
   without colour. Below stands how large the gradient is. */
const PathGraph = (() => {
  const { element, text, line, rect } = Svg;
  const HEIGHT = 290;
  const ROW = { C: 48, h: 156, size: 236 };
  const REACH = 34;
  const DARK = 4;
  /* Decades below 1 at which the light has reached its dimmest. */
  const KINDS = [
    ["C", "C", "carry"],
    ["C", "h", "carry"],
    ["h", "C", "hop"],
    ["h", "h", "hop"],
  ];
  /* from, to and kind of each edge, in the order of Paths.EDGES */

  /** Return the shapes. flow: shares by step and edge; norms: log10 norms at the lags 1 ... k. */
  function shapes(width, flow, norms) {
    const lag = flow.length;
    const left = 34;
    const gap = (width - left - 20) / lag;
    const x = (column) => left + column * gap;
    return [
      ...rows(width, x, lag),
      ...flow.flatMap((shares, n) => edges(shares, x(n), x(n + 1), gap, light(norms[lag - n - 1]))),
      ...nodes(x, lag, gap),
      ...ticks(x, lag, gap),
      ...sizes(x, norms, gap, width),
    ];
  }

  function rows(width, x, lag) {
    return [
      text(2, ROW.C + 5, "C", { class: "node-name" }),
      text(2, ROW.h + 5, "h", { class: "node-name" }),
      text(width - 2, 16, "the gradient starts here", { class: "name", "text-anchor": "end" }),
      element("path", { d: `M ${x(lag)} 22 v 14 m -4 -5 l 4 5 l 4 -5`, class: "arrow" }),
    ];
  }

  /** Return the edges of one step; one that carries exactly nothing, since it was cut, is not there. */
  function edges(shares, from, to, gap, light) {
    const widest = Math.min(11, 3 + gap / 3);
    return KINDS.flatMap(([old, young, kind], n) =>
      shares[n] === 0
        ? []
        : [
            line(from, ROW[old], to, ROW[young], {
              class: `edge ${kind}`,
              "stroke-width": (0.8 + widest * shares[n]).toFixed(2),
              "stroke-opacity": (light * (0.12 + 0.88 * Math.sqrt(shares[n]))).toFixed(3),
            }),
          ],
    );
  }

  /** The brightness that a gradient of this size leaves: 1 from size 1 on, less below, never nothing. */
  function light(norm) {
    return Math.max(0.22, Math.min(1, 1 + (0.78 * norm) / DARK));
  }

  function nodes(x, lag, gap) {
    const radius = Math.min(5, 1 + gap / 6).toFixed(1);
    const columns = Array.from({ length: lag + 1 }, (_, column) => column);
    return columns.flatMap((column) =>
      ["C", "h"].map((row) =>
        element("circle", { cx: x(column).toFixed(1), cy: ROW[row], r: radius, class: "node" }),
      ),
    );
  }

  function ticks(x, lag, gap) {
    const every = [1, 2, 5, 10, 20].find((count) => count * gap >= 34) ?? 40;
    const inner = [];
    for (let back = every; back < lag && (lag - back) * gap >= 44; back += every) inner.push(back);
    return [0, ...inner, lag].map((back) =>
      text(x(lag - back), ROW.h + 24, back === 0 ? "t" : `t−${back}`, {
        class: back === lag || back === 0 ? "tick chosen" : "tick",
        "text-anchor": "middle",
      }),
    );
  }

  /** Bars for the size of the gradient that has come back so far: up for more than 1, down for less. */
  function sizes(x, norms, gap, width) {
    const largest = Math.max(1, ...norms.filter(Number.isFinite).map(Math.abs));
    const scale = REACH / ([1, 2, 5, 10, 20, 50, 100, 200].find((size) => size >= largest) ?? largest);
    const lag = norms.length;
    const bars = norms.map((norm, index) => {
      const reach = norm === -Infinity ? REACH : Math.min(Math.abs(norm) * scale, REACH);
      const top = norm > 0 ? ROW.size - reach : ROW.size;
      const place = x(lag - index - 1) - Math.min(0.35 * gap, 7);
      return rect(place, top, Math.min(0.7 * gap, 14), reach, { class: norm === -Infinity ? "size zero" : "size" });
    });
    const last = norms[lag - 1];
    const above = last > 0;
    return [
      line(x(0) - 12, ROW.size, width - 4, ROW.size, { class: "axis" }),
      ...bars,
      text(x(0) - 10, above ? ROW.size + 17 : ROW.size - 8, `${Words.power(last)} arrives`, {
        class: "value strong",
      }),
      text(width - 4, above ? ROW.size + 17 : ROW.size - 8, "size 1", { class: "tick", "text-anchor": "end" }),
    ];
  }

  return Object.freeze({ HEIGHT, shapes });
})();
