"""A report in words, figures and as a page: the truncation to use and the verdict first, then what is behind them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from whylstm.diagnosis.findings._drawing import lag_axis, panel
from whylstm.diagnosis.findings._phrases import counted, factor, rate, steps_of, within
from whylstm.diagnosis.findings.base import Picture
from whylstm.diagnosis.observation.losses import ENOUGH, Truncation
from whylstm.diagnosis.observation.numbers import Numbers, PartReport, told_lags
from whylstm.diagnosis.page import data_uri, svg
from whylstm.diagnosis.page_style import CSS
from whylstm.diagnosis.verdicts import THRESHOLDS, carry_word
from whylstm.figures import style
from whylstm.wording import decades, listed, number, percent, power

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def text(report: Numbers) -> str:
    """Return a report as plain text."""
    lines = [f"{report.name}: {counted(len(report.parts), 'recurrent part')}, looked at while it ran on your batch."]
    for part in report.parts:
        lines += [f"{part.measured.name} ({part.measured.kind}). " + " ".join(sentences(part))]
    lines += [f"Note: {note}" for note in report.notes]
    return "\n\n".join(lines) + "\n"


def sentences(part: PartReport) -> list[str]:
    """Return what is told of a part, most important first; empty sentences are left out."""
    told = [
        truncated(part.truncation),
        headline(part),
        growth(part),
        memory(part),
        carry(part),
        hops(part),
        units(part),
        back(part),
    ]
    return [sentence for sentence in told if sentence]


def truncated(cut: Truncation | None) -> str:
    """Return which truncation is long enough for the user's loss."""
    if cut is None:
        return ""
    if cut.enough is None:
        longest = f"K = {cut.steps[-1]}, the longest below the length that was tried,"
        cosine = number(float(cut.cosine.value[-1]), 2)
        return (
            f"Do not truncate backpropagation through these {cut.length} steps: {longest} has a cosine of {cosine} with"
            " the whole gradient."
        )
    low, high = cut.interval
    upper = str(high) if high is not None else f"the whole length of {cut.length}"
    sure = "" if low == high == cut.enough else f" (95% interval: {low} to {upper})"
    return (
        f"Backpropagation may be truncated to {counted(cut.enough, 'step')}{sure}: from there on the gradient of your"
        f" loss has a cosine of at least {ENOUGH:g} with the whole one."
    )


def headline(part: PartReport) -> str:
    """Return what becomes of the gradient."""
    found = part.measured
    lags, moved = int(found.lags[-1]), found.decades[0]
    if math.isnan(moved) or moved == -math.inf:
        return f"The gradient vanishes: within {counted(lags, 'step')} it is exactly zero."
    if lags == 1:
        return "Only one step back was measured, so nothing can be said about growth."
    by = f"{decades(moved)}, a factor of {factor(moved)}"
    sentence = {
        "vanishes": f"The gradient vanishes: over {lags} steps it falls by {by}",
        "explodes": f"The gradient explodes: over {lags} steps it grows by {by}",
        "keeps": f"The gradient keeps its size: over {lags} steps it changes by {decades(moved)}, less than tenfold",
        "unclear": f"Over {lags} steps the gradient {'falls' if moved < 0 else 'grows'} by {by}, but its growth per"
        " step has no sure sign",
    }[found.verdict]
    reach = f" (95% interval: {found.decades[1]:+.2f} to {found.decades[2]:+.2f} decades)".replace("-", "−")
    return f"{sentence}{reach}."


def growth(part: PartReport) -> str:
    """Return the growth per step."""
    exponent = part.measured.exponent
    if exponent is None:
        return ""
    return (
        f"Growth per step λ₁ = {rate(exponent.value)} ± {rate(2 * exponent.error, sign=False)} nats (two standard"
        " errors)."
    )


def memory(part: PartReport) -> str:
    """Return the effective memory."""
    found = part.measured
    lags = int(found.lags[-1])
    low, high = found.memory_interval
    sure = "" if low == high else f" (interval: {within(low, lags)} to {within(high, lags)})"
    return f"Effective memory, to 1/e of the norm one step back: {within(found.memory, lags)}{sure}."


def carry(part: PartReport) -> str:
    """Return the carry share at the largest lag and at lag 10."""
    found = part.measured.carry
    if found is None:
        return ""
    lags = sorted({min(10, len(found.value)), len(found.value)})
    if all(found.value[lag - 1] == 0 for lag in lags):
        return "Every path passes a parameter matrix at every step: there is no carry."
    told = [
        f"{carry_word(found.value[lag - 1])} at lag {lag} ({percent(min(float(found.value[lag - 1]), 9.99))})"
        for lag in lags
        if not math.isnan(found.value[lag - 1])
    ]
    return f"Carry, past every recurrent matrix, takes this much of the gradient: {listed(told)}." if told else ""


def hops(part: PartReport) -> str:
    """Return the mean number of hops at the largest lag."""
    if part.hops is None or not math.isfinite(part.hops[-1]) or part.hops[-1] < 1e-6:
        return ""
    return f"At lag {len(part.hops)} it has passed {number(float(part.hops[-1]))} recurrent matrices on average."


def units(part: PartReport) -> str:
    """Return how long the units keep by their direct path."""
    if not part.units:
        return ""
    import numpy as np

    median = listed(
        [
            f"{steps_of(float(np.median(one.half_life)))}{f' in layer {one.layer}' if len(part.units) > 1 else ''}"
            for one in part.units
        ]
    )
    best = max(part.units, key=lambda one: float(one.half_life.max()))
    unit = int(best.half_life.argmax())
    where = f" of layer {best.layer}" if len(part.units) > 1 else ""
    longest = steps_of(float(best.half_life[unit]))
    return f"By its direct path alone the median unit keeps half for {median}; unit {unit}{where} longest, {longest}."


def back(part: PartReport) -> str:
    """Return how much of the parameter gradient goes back how far."""
    found = part.back
    if found is None or not found.whole:
        return ""
    return (
        f"Of the gradient of your loss by this part's weights {percent(float(found.share[0]))} is due to the step"
        f" itself (lag 0) and {percent(float(found.share.sum()))} to lags below {len(found.share)}."
    )


def pictures(report: Numbers) -> dict[str, Picture]:
    """Return the figures by name."""
    out = {
        "norms": Picture(
            panel(_norms(report)),
            "Norm of the gradient by lag",
            "Norm of ∂s(t)/∂s(t−k), mean over windows and sequences; bands: 95% intervals from random directions.",
            listed([f"{part.measured.name}: {power(part.measured.norm.value[-1])}" for part in report.parts]),
        )
    }
    if any(part.measured.carry is not None for part in report.parts):
        out["carry"] = Picture(
            panel(_carries(report)),
            "Share of the gradient that passes no recurrent matrix",
            "Carry share by lag; bands: 95% intervals.",
            listed([f"{part.measured.name}: {carry(part)}" for part in report.parts]),
        )
    if any(part.truncation is not None for part in report.parts):
        out["truncation"] = Picture(
            panel(_truncations(report)),
            "What truncated backpropagation keeps of the gradient of your loss",
            "Cosine of the gradient truncated to K steps with the whole one; bands: 95% intervals; line: .99.",
            listed([f"{part.measured.name}: {truncated(part.truncation)}" for part in report.parts]),
        )
    return out


MOST = 5
"""Lines in a panel."""


def _lines(report: Numbers, values: Callable[[PartReport], tuple[Any, Any, Any, Any] | None]) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        for place, part in enumerate(report.parts[:MOST]):
            found = values(part)
            if found is not None:
                x, value, low, high = found
                label = part.measured.name if len(report.parts) > 1 else ""
                style.line(axes, x, value, low, high, style.look(place, label))

    return draw


def _norms(report: Numbers) -> Callable[[Axes], None]:
    def values(part: PartReport) -> tuple[Any, Any, Any, Any] | None:
        band = part.measured.norm
        return part.measured.lags, _finite(band.value), _finite(band.low), _finite(band.high)

    lines = _lines(report, values)

    def draw(axes: Axes) -> None:
        lines(axes)
        lag_axis(axes, "norm of ∂s(t)/∂s(t−k)")

    return draw


def _finite(values: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.where(np.isfinite(values), values, np.nan)


def _carries(report: Numbers) -> Callable[[Axes], None]:
    def values(part: PartReport) -> tuple[Any, Any, Any, Any] | None:
        band = part.measured.carry
        return None if band is None else (part.measured.lags, band.value, band.low, band.high)

    lines = _lines(report, values)

    def draw(axes: Axes) -> None:
        lines(axes)
        lag_axis(axes, "carry share", logarithmic=False)
        axes.set_ylim(0, None)

    return draw


def _truncations(report: Numbers) -> Callable[[Axes], None]:
    def values(part: PartReport) -> tuple[Any, Any, Any, Any] | None:
        cut = part.truncation
        return None if cut is None else (cut.steps, cut.cosine.value, cut.cosine.low, cut.cosine.high)

    lines = _lines(report, values)

    def draw(axes: Axes) -> None:
        axes.set_xscale("log")
        lines(axes)
        axes.axhline(ENOUGH, color=style.INK, linewidth=0.8)
        axes.set_xlabel("steps K")
        axes.set_ylabel("cosine")

    return draw


def figures(report: Numbers) -> dict[str, Figure]:
    """Return the figures, drawn."""
    out = {}
    for name, picture in pictures(report).items():
        with style.context(f"diagnosis-{name}"):
            out[name] = style.finish(picture.draw(), picture.title)
    return out


def page(report: Numbers) -> str:
    """Return the page; equal reports give equal text."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(PAGE).render(css=jinja2.utils.markupsafe.Markup(CSS), **_context(report))


def shown(report: Numbers) -> str:
    """Return what a notebook shows: the page's body, without its style."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(BODY).render(**_context(report))


def _context(report: Numbers) -> dict[str, Any]:
    return {
        "name": report.name,
        "parts": [
            {
                "name": part.measured.name,
                "kind": part.measured.kind,
                "verdict": part.measured.verdict,
                "sentences": sentences(part),
                "rows": [_row(part, lag) for lag in told_lags(part)],
                "cuts": _cuts(part.truncation),
            }
            for part in report.parts
        ],
        "pictures": [
            {
                "image": data_uri(svg(f"observed-{name}", one)),
                "title": one.title,
                "caption": one.caption,
                "alt": f"{one.title}. {one.alt}",
            }
            for name, one in pictures(report).items()
        ],
        "notes": report.notes,
        "thresholds": {word: THRESHOLDS[word] for word in ("vanishes", "explodes", "keeps", "unclear", "moved")},
        "directions": sorted({part.measured.directions for part in report.parts}),
    }


def _row(part: PartReport, lag: int) -> dict[str, str]:
    found = part.measured
    value, low, high = found.norm.at(lag - 1)
    share = "–" if found.carry is None else percent(min(float(found.carry.value[lag - 1]), 9.99))
    if found.carry is not None and math.isnan(found.carry.value[lag - 1]):
        share = "–"
    passed = "–" if part.hops is None or not math.isfinite(part.hops[lag - 1]) else number(float(part.hops[lag - 1]))
    between = f"{power(low)} to {power(high)}" if math.isfinite(low) else "–"
    return {"lag": str(lag), "norm": power(value), "between": between, "carry": share, "hops": passed}


def _cuts(cut: Truncation | None) -> list[dict[str, str]]:
    if cut is None:
        return []
    band = cut.cosine
    rows = zip(cut.steps, band.value, band.low, band.high, cut.norm, strict=True)
    return [
        {
            "steps": str(k),
            "cosine": f"{value:.4f}",
            "between": f"{low:.4f} to {high:.4f}",
            "norm": number(float(norm), 3),
        }
        for k, value, low, high, norm in rows
    ]


BODY = """
{% for part in parts %}
<section aria-label="{{ part.name }}">
<h2>{{ part.name }} <small>{{ part.kind }}</small></h2>
<p class="lead"><span class="badge {{ part.verdict }}">{{ part.verdict }}</span> {{ part.sentences[0] }}</p>
{% for sentence in part.sentences[1:] %}
<p>{{ sentence }}</p>
{% endfor %}
<div class="scroll" role="group" tabindex="0" aria-label="Numbers by lag">
<table>
<caption>The state now against the state k steps before</caption>
<thead><tr><th scope="col">lag k</th><th scope="col">norm</th><th scope="col">95% interval</th>\
<th scope="col">carry share</th><th scope="col">mean hops</th></tr></thead>
<tbody>
{% for row in part.rows %}
<tr><td>{{ row.lag }}</td><td>{{ row.norm }}</td><td>{{ row.between }}</td><td>{{ row.carry }}</td>\
<td>{{ row.hops }}</td></tr>
{% endfor %}
</tbody>
</table>
</div>
{% if part.cuts %}
<div class="scroll" role="group" tabindex="0" aria-label="Truncations">
<table>
<caption>Truncated backpropagation against the whole gradient of this part's weights</caption>
<thead><tr><th scope="col">steps K</th><th scope="col">cosine</th><th scope="col">95% interval</th>\
<th scope="col">norm</th></tr></thead>
<tbody>
{% for row in part.cuts %}
<tr><td>{{ row.steps }}</td><td>{{ row.cosine }}</td><td>{{ row.between }}</td><td>{{ row.norm }}</td></tr>
{% endfor %}
</tbody>
</table>
</div>
{% endif %}
</section>
{% endfor %}
{% for picture in pictures %}
<figure>
<div class="card"><img src="{{ picture.image }}" alt="{{ picture.alt }}"></div>
<figcaption>{{ picture.caption }}</figcaption>
</figure>
{% endfor %}
"""

PAGE = (
    """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
base-uri 'none'; form-action 'none'">
<meta name="color-scheme" content="light dark">
<title>Gradients of {{ name }}</title>
<style>{{ css }}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the findings</a>
<header>
<h1>Gradients of {{ name }}</h1>
</header>
<main id="main">
"""
    + BODY
    + """
<section id="method" aria-labelledby="method-heading">
<h2 id="method-heading">How this was measured</h2>
<dl>
<dt>State</dt><dd>The model ran once on your batch, as it is. The state s of a part is that of all its layers together,
or what goes into its cell at each step of a loop; the gradient at lag k is ∂s(t)/∂s(t−k).</dd>
<dt>Random directions</dt><dd>Random unit normal rows v ({{ directions|join(", ") }} of them) are taken back through the
run: the mean of ‖vᵀG‖² is ‖G‖². Intervals say what so few directions leave open.</dd>
<dt>Carry and hops</dt><dd>A hop is a passage through a recurrent matrix, in a loop through any product with a parameter
matrix; carry is what passes none.</dd>
<dt>Truncation</dt><dd>The state is detached every K steps, the last chunk being whole. Compared are the gradients of
this part's input and recurrent weights and biases.</dd>
{% for word, rule in thresholds.items() %}
<dt>“{{ word }}”</dt><dd>{{ rule }}.</dd>
{% endfor %}
</dl>
</section>
{% if notes %}
<section id="notes" aria-labelledby="notes-heading">
<h2 id="notes-heading">Notes</h2>
<ul>
{% for note in notes %}
<li>{{ note }}</li>
{% endfor %}
</ul>
</section>
{% endif %}
</main>
</body>
</html>
"""
)
