/* Two maps over gain and forget bias, as tables: lambda_1, and the carry share at the chosen lag. */
const Maps = (() => {
  const byId = (id) => document.getElementById(id);

  /** Fill both maps for the chosen cell, kind and size; a click on a cell of a map chooses its setting. */
  function show(study, state, choose) {
    const own = study.points.filter(
      (point) => point.cell === state.cell && point.kind === state.kind && point.hidden === state.mhidden,
    );
    const caption = `${study.cells[state.cell]}, ${state.mhidden} units`;
    fill(byId("map-exponent"), `λ₁ in nats per step: ${caption}`, own, state, choose, (point) =>
      exponentCell(study, point),
    );
    fill(byId("map-carry"), `Carry share at lag ${state.mlag}: ${caption}`, own, state, choose, (point) =>
      carryCell(study, point, state.mlag),
    );
  }

  function exponentCell(study, point) {
    const value = Study.exponent(study, point);
    const sign = value.median > 0 ? "+" : "";
    const tone = value.median > 0.005 ? "grows" : value.median < -0.005 ? "shrinks" : "level";
    return {
      text: sign + Words.decimals(value.median),
      tone,
      strength: Math.min(Math.abs(value.median) / 0.5, 1),
      says: `${Measured.interval(value, (number) => Words.decimals(number, 3))}, n = ${value.n}`,
    };
  }

  function carryCell(study, point, lag) {
    const value = Study.value(Study.profile(study, point, "ratio"), lag);
    if (!value || Number.isNaN(value.median))
      return { text: "–", tone: "none", strength: 0, says: "no value at this lag" };
    const share = (log10) => 10 ** log10;
    return {
      text: short(share(value.median)),
      tone: "carry",
      strength: Math.min(share(value.median), 1),
      says: `${Measured.interval(value, (log10) => Words.percent(share(log10)))}, n = ${value.n}`,
    };
  }

  /** A percentage in the width of a map's cell. */
  function short(share) {
    if (share === 0) return "0%";
    if (share < 0.01) return "<1%";
    return share < 10 ? `${Math.round(100 * share)}%` : ">999%";
  }

  function fill(table, caption, own, state, choose, cell) {
    const gains = sorted(own.map((point) => point.gain));
    const biases = sorted(own.map((point) => point.bias)).reverse();
    const head = Svg.html(
      "tr",
      {},
      Svg.html("th", { scope: "col" }, "bias ↓ gain →"),
      ...gains.map((gain) => Svg.html("th", { scope: "col" }, gain === null ? "as drawn" : Words.plain(gain))),
    );
    const rows = biases.map((bias) =>
      Svg.html(
        "tr",
        {},
        Svg.html("th", { scope: "row" }, bias === null ? "none" : Words.plain(bias)),
        ...gains.map((gain) =>
          entry(
            own.find((point) => point.gain === gain && point.bias === bias),
            state,
            choose,
            cell,
          ),
        ),
      ),
    );
    const title = Svg.html("caption", {}, own.length ? caption : `${caption}: not measured`);
    table.replaceChildren(
      title,
      ...(own.length ? [Svg.html("thead", {}, head), Svg.html("tbody", {}, ...rows)] : []),
    );
  }

  function entry(point, state, choose, cell) {
    if (!point) return Svg.html("td", { class: "none", title: "not measured" }, "–");
    const { text, tone, strength, says } = cell(point);
    const here =
      (point.gain === null || point.gain === state.mgain) && (point.bias === null || point.bias === state.mbias);
    const made = Svg.html(
      "td",
      { class: `${tone}${here ? " here" : ""}`, title: says, ...(here ? { "aria-current": "true" } : {}) },
      text,
    );
    made.style.setProperty("--strength", `${Math.round(8 + 72 * strength)}%`);
    made.addEventListener("click", () =>
      choose({ mgain: point.gain ?? state.mgain, mbias: point.bias ?? state.mbias }),
    );
    return made;
  }

  /** Return the different values in order, null first. */
  function sorted(values) {
    return [...new Set(values)].sort((a, b) => (a ?? -Infinity) - (b ?? -Infinity));
  }

  return Object.freeze({ show });
})();
