/* Small functions that make pictures and tables. Text always goes in as text, never as markup. */
const Svg = (() => {
  const NAMESPACE = "http://www.w3.org/2000/svg";

  /** Return an SVG element with attributes and children (elements or text). */
  function element(name, attributes = {}, ...children) {
    const made = document.createElementNS(NAMESPACE, name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    made.append(...children);
    return made;
  }

  /** Return an HTML element with attributes and children. */
  function html(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    made.append(...children);
    return made;
  }

  const widths = new Map();
  /* How wide each picture is shown; asking the browser between two changes would make it lay out the page each time. */

  /** Forget how wide the pictures are, since the page has another width. */
  function forgetWidths() {
    widths.clear();
  }

  function widthOf(svg) {
    const shown = widths.get(svg) || svg.parentElement.clientWidth;
    widths.set(svg, shown);
    return Math.max(shown, 240);
  }

  /** Draw into an <svg> that is on the page: a viewBox as wide as it is shown, a name for it, and its shapes. */
  function draw(svg, height, title, paint) {
    const width = widthOf(svg);
    const shapes = [element("title", {}, title), ...paint(width, height)];
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("aria-label", title);
    svg.replaceChildren(...shapes);
  }

  function text(x, y, words, attributes = {}) {
    return element("text", { x: x.toFixed(1), y: y.toFixed(1), ...attributes }, words);
  }

  function line(x1, y1, x2, y2, attributes = {}) {
    const [a, b, c, d] = [x1, y1, x2, y2].map((place) => place.toFixed(1));
    return element("line", { x1: a, y1: b, x2: c, y2: d, ...attributes });
  }

  function rect(x, y, width, height, attributes = {}) {
    const [a, b, c, d] = [x, y, Math.max(width, 0), Math.max(height, 0)].map((place) => place.toFixed(1));
    return element("rect", { x: a, y: b, width: c, height: d, ...attributes });
  }

  /** Fill a table with a caption, a row of headings and rows of text; the first entry of a row is its heading.

      A table that is folded away is left as it is: the page is drawn again when it is unfolded. */
  function table(where, caption, headings, rows) {
    if (where.closest("details:not([open])")) return;
    const head = html("tr", {}, ...headings.map((words) => html("th", { scope: "col" }, words)));
    const body = rows.map(([first, ...rest]) =>
      html("tr", {}, html("th", { scope: "row" }, first), ...rest.map((words) => html("td", {}, words))),
    );
    where.replaceChildren(html("caption", {}, caption), html("thead", {}, head), html("tbody", {}, ...body));
  }

  return Object.freeze({ element, html, forgetWidths, draw, text, line, rect, table });
})();
