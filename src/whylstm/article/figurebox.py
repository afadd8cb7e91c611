"""A figure in the article: picture, title, caption, and where it comes from (table, code, command)."""

from __future__ import annotations

import base64
import re
from html import unescape
from pathlib import Path

from whylstm.article.markup import attribute, code, prose, slug, typst, typst_string
from whylstm.article.results import Figure, Results

SCHEME = "figure:"
WIDE = 6 * 72.0  # points: a picture wider than six inches gets more room than the column of text
IMAGE = re.compile(r'<img\s+src="figure:([^"]+)"(.*?)/?>', re.DOTALL)
TYPST_IMAGE = re.compile(r'image\("figure:([^"]+)"[^)]*\)')


def anchor(name: str) -> str:
    """Return a figure's identifier in the page."""
    return f"figure-{slug(name)}"


def block(figure: Figure, target: str, links: str) -> str:
    """Return a figure as Markdown; the picture itself is put in by :func:`embed` or :func:`place`.

    The picture holds its message as a title, so the caption does not say it again; the alternative text does.
    """
    about = f"#{anchor(figure.name)} alt={attribute(described(figure))}"
    caption, origin = f"**Figure {figure.number}.** {prose(figure.caption)}", sources(figure, target, links)
    if target == "typst":
        return f"\n![{caption} {typst('#sources[')}{origin} {typst(']')}]({SCHEME}{figure.name}){{{about}}}\n"
    classes = ".figure-block .wide" if figure.width > WIDE else ".figure-block"
    image = f"![{caption}]({SCHEME}{figure.name}){{{about}}}"
    return f"\n::: {{{classes}}}\n{image}\n\n::: {{.sources}}\n{origin}\n:::\n:::\n"


def described(figure: Figure) -> str:
    """Return the alternative text: the figure's message, and what else a reader who cannot see it should know."""
    return f"{figure.title.rstrip('.')}. {figure.alt}"


def sources(figure: Figure, target: str, links: str) -> str:
    """Return the line that leads from a figure to its tables, its code and the command that makes it again."""
    tables = ", ".join(link(file, file, target) for file in figure.data)
    made = link(figure.code, f"{links}{figure.code}", target)
    return f"Data: {tables} · Code: {made} · Again: {code(figure.command)}"


def link(text: str, address: str, target: str) -> str:
    """Return a file as a link in a page; on paper, as its name."""
    return f"[{code(text)}]({address})" if target == "html" else code(text)


def data_uri(path: Path) -> str:
    """Return an SVG or PNG file as a ``data:`` address."""
    kind = {".svg": "image/svg+xml", ".png": "image/png"}[path.suffix]
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def embed(page: str, results: Results) -> str:
    """Return the page with each figure's SVG inside it, on a card that scrolls on a narrow screen."""

    def card(found: re.Match[str]) -> str:
        figure = results.figure(unescape(found[1]))
        picture = data_uri(results.root / "figures" / f"{figure.name}.svg")
        label = f"Figure {figure.number}"
        opened = f'<div class="card" role="group" tabindex="0" aria-label="{label}">'
        return f'{opened}<img src="{picture}"{found[2]}/></div>'

    return IMAGE.sub(card, page)


def place(source: str, results: Results) -> str:
    """Return Typst with each figure's SVG and alternative text in its place; paths count from the Typst root."""

    def image(found: re.Match[str]) -> str:
        figure = results.figure(found[1])
        return f'image("/figures/{figure.name}.svg", alt: {typst_string(described(figure))})'

    return TYPST_IMAGE.sub(image, source)
