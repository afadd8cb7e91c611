/* What the reader has set: one flat record, held against a list of what each entry may be, and kept in the address.

   A field is {kind: "number", low, high, step, value}, {kind: "choice", of, value} or {kind: "flag", value}. Whatever
   an address says is read through the field's own rule; what does not fit is left out. */
const State = (() => {
  const READ = {
    number: (field, text) => within(field, text.trim() === "" ? NaN : Number(text)),
    choice: (field, text) => field.of.find((value) => String(value) === text),
    flag: (field, text) => ({ 1: true, 0: false })[text],
  };

  /** Return a number on the field's grid and inside its range; undefined for what is no number. */
  function within({ low, high, step }, number) {
    if (!Number.isFinite(number)) return undefined;
    const snapped = low + Math.round((number - low) / step) * step;
    return Number(Math.min(Math.max(snapped, low), high).toFixed(6));
  }

  function defaults(fields) {
    return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value]));
  }

  /** Return what a hash says about the fields, without what it does not say or says wrongly. */
  function parse(fields, hash) {
    const said = {};
    for (const [name, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
      const field = Object.hasOwn(fields, name) ? fields[name] : null;
      const value = field ? READ[field.kind](field, text) : undefined;
      if (value !== undefined) said[name] = value;
    }
    return said;
  }

  function format(fields, state) {
    const text = (value) => (typeof value === "boolean" ? String(Number(value)) : String(value));
    return `#${new URLSearchParams(Object.keys(fields).map((name) => [name, text(state[name])]))}`;
  }

  return Object.freeze({ defaults, parse, format });
})();
