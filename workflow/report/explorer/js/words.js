/* How numbers are written, and the sentences that say what they show. Every word about a result is chosen here, from
   numbers, by thresholds that stand beside it; no claim is typed anywhere else. */
const Words = (() => {
  const MINUS = "\u2212";
  const TIMES = "\u00a0×\u00a010";
  const SUPERSCRIPTS = {
    "-": "\u207b",
    0: "⁰",
    1: "¹",
    2: "²",
    3: "³",
    4: "⁴",
    5: "⁵",
    6: "⁶",
    7: "⁷",
    8: "⁸",
    9: "⁹",
  };

  const raised = (whole) => [...String(whole)].map((sign) => SUPERSCRIPTS[sign]).join("");
  const signed = (text) => text.replace("-", MINUS);

  /** 10 to the power log10 with two digits, also far outside the range of floats; plain between 0.01 and 10,000. */
  function power(log10) {
    if (Number.isNaN(log10)) return "no value";
    if (log10 === -Infinity) return "exactly 0";
    let exponent = Math.floor(log10);
    let mantissa = Math.round(10 ** (log10 - exponent) * 10) / 10;
    if (mantissa >= 10) [mantissa, exponent] = [1, exponent + 1];
    if (exponent < -2 || exponent > 3) return mantissa.toFixed(1) + TIMES + raised(exponent);
    return grouped((mantissa * 10 ** exponent).toFixed(Math.max(1 - exponent, 0)));
  }

  function grouped(digits) {
    return digits.length > 3 && !digits.includes(".") ? `${digits.slice(0, -3)},${digits.slice(-3)}` : digits;
  }

  function capital(text) {
    return text.charAt(0).toUpperCase() + text.slice(1);
  }

  /** A tick of a log10 axis. */
  function tick(log10) {
    return log10 === 0 ? "1" : `10${raised(log10)}`;
  }

  /** A share as a percentage; what is not all (or nothing) is not written as all (or nothing). */
  function percent(share) {
    if (Number.isNaN(share)) return "no value";
    if (share > 0.995 && share < 1) return "more than 99%";
    if (share > 0 && share < 0.0005) return "less than 0.1%";
    const hundred = 100 * share;
    if (hundred >= 1000) return `${power(Math.log10(hundred))}%`;
    return `${hundred.toFixed(hundred >= 9.95 || hundred === 0 ? 0 : 1)}%`;
  }

  function decimals(number, places = 2) {
    if (number === -Infinity) return `${MINUS}∞`;
    if (!Number.isFinite(number)) return Number.isNaN(number) ? "no value" : "∞";
    return signed((Number(number.toFixed(places)) || 0).toFixed(places));
  }

  /** A setting as the reader chose it: 1, 0.25, −2. */
  function plain(number) {
    return signed(String(Number(number.toPrecision(6))));
  }

  function steps(count) {
    return count === 1 ? "1 step" : `${count} steps`;
  }

  /** What became of the gradient between lag 1 and lag k, from the two log10 norms: tenfold is a change, hundredfold
      more than that. */
  function fate(first, last) {
    const change = last - first;
    if (last === -Infinity) return "is exactly zero";
    if (Number.isNaN(change)) return "has no size here";
    if (change < -2) return "vanishes";
    if (change < -1) return "fades";
    if (change <= 1) return "keeps its size";
    return change <= 2 ? "grows" : "explodes";
  }

  /** What became of the carry, likewise. */
  function carryFate(first, last) {
    const change = last - first;
    if (last === -Infinity) return "there is no carry";
    if (change < -2) return "the carry dies";
    return change < -0.5 ? "the carry fades" : "the carry lasts";
  }

  /** How the gradient came, from the shares of paths with 0, 1, ... hops, the last entry being all larger numbers. */
  function route(shares) {
    const most = shares.indexOf(Math.max(...shares));
    if (!(shares[most] > 0)) return "Nothing flows.";
    const along =
      shares[0] === 0
        ? "None of it stayed on the carry all the way"
        : capital(`${percent(shares[0])} of it stayed on the carry all the way`);
    if (most === 0) return `${along}.`;
    const name = most === shares.length - 1 ? `${most} or more` : String(most);
    const hops = name === "1" ? "1 recurrent matrix" : `${name} recurrent matrices`;
    return `${along}; the largest part, ${percent(shares[most])}, crossed ${hops}.`;
  }

  /** How far a log10 norm is from the true one, in words. */
  function off(truth, other) {
    if (other === truth) return "is exact";
    if (other === -Infinity || truth === -Infinity) return "has nothing in common with the truth";
    const gap = Math.abs(truth - other);
    if (gap < 1) return `is off by a factor of ${(10 ** gap).toFixed(1)}`;
    return `is off by ${gap.toFixed(0)} ${gap.toFixed(0) === "1" ? "decade" : "decades"}`;
  }

  return Object.freeze({ power, tick, percent, decimals, plain, steps, fate, carryFate, route, off });
})();
