/* The page: holds the state, draws what changed once per frame, keeps the address, and says in words what changed. */
const Page = (() => {
  const byId = (id) => document.getElementById(id);
  const study = Study.load(byId("study").textContent);
  const fields = {
    ...Live.FIELDS,
    stop: { kind: "number", low: 0, high: Tour.LENGTH, step: 1, value: 1 },
    ...Measured.fields(study),
  };
  const AXES = { mgain: "gain", mbias: "bias", mhidden: "hidden", mlag: "lag" };
  const stops = Tour.prepare();
  let state = { ...State.defaults(fields), ...State.parse(fields, location.hash) };
  let network = null;
  let waiting = new Set();
  const changed = new Set();
  const timers = {};

  /** Do something once, when nothing has asked for it again for a while. */
  function later(name, delay, act) {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(act, delay);
  }

  /** Change the state; what depends on it is drawn in the next frame. */
  function set(changes) {
    const real = Object.entries(changes).filter(([name, value]) => state[name] !== value);
    if (!real.length) return;
    state = { ...state, ...Object.fromEntries(real) };
    if (!waiting.size) requestAnimationFrame(draw);
    real.forEach(([name]) => {
      waiting.add(name);
      changed.add(name);
    });
    later("address", 250, keepAddress);
    later("say", 700, say);
  }

  /** Change a setting of the live network by hand, which leaves the tour. */
  const setLive = (changes) => set({ ...changes, stop: 0 });

  function draw() {
    const names = waiting;
    waiting = new Set();
    const live = [...names].some((name) => name in Live.FIELDS);
    const measured = [...names].some((name) => !(name in Live.FIELDS) && name !== "stop");
    if (live) drawLive();
    if (live || names.has("stop")) drawStop();
    if (measured) drawMeasured();
  }

  function drawLive() {
    network = Paths.measure(Live.settings(state));
    Object.entries(Live.FIELDS).forEach(([name, field]) => showControl(name, field));
    Live.show(network);
    if (byId("numbers").closest("details").open) byId("numbers").value = Live.numbers(network);
  }

  function showControl(name, field) {
    const control = byId(name);
    if (field.kind === "flag") control.checked = state[name];
    else control.value = String(state[name]);
    const output = byId(`${name}-out`);
    if (output) output.textContent = Words.plain(state[name]);
  }

  /** Write what is to be seen: the caption of the tour's stop, or the finding of a network of the reader's own. */
  function drawStop() {
    [...byId("stops").querySelectorAll("button")].forEach((button, n) => {
      if (n === state.stop - 1) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
    const current = byId("stops").querySelector("[aria-current]");
    if (current) byId("stops").scrollLeft = current.offsetLeft - byId("stops").offsetLeft;
    byId("next").textContent = state.stop ? "Next stop" : "Start the tour";
    byId("next").disabled = state.stop === Tour.LENGTH;
    const { head, body, quantity } = story();
    byId("finding-head").textContent = head;
    byId("finding-body").textContent = body;
    byId("beside").textContent = state.freeze ? "" : Measured.beside(study, state, quantity);
  }

  function story() {
    const stop = stops[state.stop - 1];
    if (stop) return { head: stop.title, body: stop.caption, quantity: stop.quantity };
    return { ...Live.finding(network), quantity: state.cut ? "carry" : "norm" };
  }

  function drawMeasured() {
    const kinds = Study.kindsOf(study, state.cell);
    if (!kinds.some((kind) => kind.name === state.kind)) state = { ...state, kind: kinds[0].name };
    byId("cell").value = state.cell;
    byId("kind").replaceChildren(...kinds.map((kind) => Svg.html("option", { value: kind.name }, kind.label)));
    byId("kind").value = state.kind;
    const read = { hidden: true, lag: true, ...Study.reads(study, state.cell, state.kind) };
    Object.entries(AXES).forEach(([name, axis]) => showAxis(name, study.axes[axis], read[axis]));
    Measured.show(study, state, set);
  }

  function showAxis(name, values, read) {
    const slider = byId(name);
    slider.value = String(values.indexOf(state[name]));
    slider.disabled = !read || values.length < 2;
    const words = read && values.length ? Words.plain(state[name]) : "not used";
    slider.setAttribute("aria-valuetext", words);
    byId(`${name}-out`).textContent = words;
  }

  function keepAddress() {
    try {
      history.replaceState(null, "", State.format(fields, state));
    } catch {
      /* Some browsers refuse this for a page from a file; the links that are copied work all the same. */
    }
  }

  /** Say what changed, and what it shows now, once the reader has stopped moving. */
  function say() {
    const live = [...changed].some((name) => name in Live.FIELDS || name === "stop");
    const settings = state.stop && live ? [] : [...changed].filter((name) => name !== "stop").map(spoken);
    changed.clear();
    const found = live ? story() : Measured.finding(study, state);
    byId("said").textContent = [...settings, found.missing ?? `${found.head} ${found.body}`].join(". ");
  }

  /** Return a setting in words, as its control has it. */
  function spoken(name) {
    const control = byId(name);
    const label = document.querySelector(`label[for="${name}"]`).firstChild.textContent.trim();
    if (control.type === "checkbox") return `${label} ${control.checked ? "on" : "off"}`;
    if (control.tagName === "SELECT") return `${label} ${control.selectedOptions[0].textContent}`;
    return `${label} ${Words.plain(state[name])}`;
  }

  async function copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
      byId("copied").textContent = `${what} copied.`;
    } catch {
      byId("numbers").closest("details").open = true;
      byId("numbers").value = text;
      byId("numbers").select();
      byId("copied").textContent = `This browser does not let a page copy; ${what.toLowerCase()} selected below.`;
    }
  }

  function link() {
    return location.href.split("#")[0] + State.format(fields, state);
  }

  function wireLive() {
    Object.entries(Live.FIELDS).forEach(([name, field]) => {
      const control = byId(name);
      const event = field.kind === "number" && control.type === "range" ? "input" : "change";
      control.addEventListener(event, () => {
        const text = field.kind === "flag" ? String(Number(control.checked)) : control.value;
        setLive(State.parse({ [name]: field }, new URLSearchParams([[name, text]]).toString()));
        showControl(name, field);
      });
    });
    byId("another").addEventListener("click", () => setLive({ seed: (state.seed % Live.FIELDS.seed.high) + 1 }));
    byId("next").addEventListener("click", () => visit(state.stop + 1));
    byId("stops").replaceChildren(
      ...stops.map((stop, n) => {
        const button = Svg.html("button", { type: "button" }, stop.title);
        button.addEventListener("click", () => visit(n + 1));
        return Svg.html("li", {}, button);
      }),
    );
  }

  /** Go to a stop of the tour, and take the measured part to the nearest point that the study has. */
  function visit(number) {
    const stop = stops[number - 1];
    const point = Measured.nearestLstm(study, stop.settings.gain, stop.settings.bias);
    const there = point && {
      cell: point.cell,
      kind: point.kind,
      mgain: point.gain,
      mbias: point.bias,
      mhidden: point.hidden,
      mlag: Study.closest(point.lags, stop.settings.lag),
    };
    set({ ...stop.settings, stop: number, ...there });
  }

  function wireMeasured() {
    byId("cell").replaceChildren(
      ...Object.entries(study.cells).map(([name, label]) => Svg.html("option", { value: name }, label)),
    );
    for (const name of ["cell", "kind"])
      byId(name).addEventListener("change", () => set({ [name]: byId(name).value }));
    Object.entries(AXES).forEach(([name, axis]) => {
      byId(name).max = String(study.axes[axis].length - 1);
      byId(name).addEventListener("input", () => set({ [name]: study.axes[axis][Number(byId(name).value)] }));
    });
  }

  function wirePage() {
    byId("copy-numbers").addEventListener("click", () => copy(Live.numbers(network), "Numbers"));
    byId("copy-link").addEventListener("click", () => copy(link(), "Link"));
    byId("reset").addEventListener("click", () => visit(1));
    document.querySelectorAll("details").forEach((details) => details.addEventListener("toggle", drawAll));
    window.addEventListener("hashchange", () => set(State.parse(fields, location.hash)));
    let width = document.body.clientWidth;
    new ResizeObserver(() => {
      if (document.body.clientWidth === width) return;
      width = document.body.clientWidth;
      Svg.forgetWidths();
      later("size", 60, drawAll);
    }).observe(document.body);
  }

  function drawAll() {
    drawLive();
    drawStop();
    drawMeasured();
  }

  wireLive();
  wireMeasured();
  wirePage();
  drawAll();
  document.documentElement.classList.add("ready");
  return Object.freeze({});
})();
