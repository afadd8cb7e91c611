"""The explorer: one page in which a reader plays with a small LSTM and walks through what the study measured.

The page is put together from readable sources in ``workflow/report/explorer``: a template, a style sheet and the
scripts, which are inlined in the order below. It needs no server and no network, and its policy lets nothing run but
the very script that is built in here, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from whylstm.article import explorer_data
from whylstm.article.render import REPORT
from whylstm.errors import StudyError
from whylstm.records import write_bytes

FOLDER = "explorer"
TEMPLATE = "explorer.html.j2"
SCRIPTS = (
    "random",
    "scaled",
    "lstm",
    "paths",
    "words",
    "svg",
    "charts",
    "pathgraph",
    "state",
    "study",
    "live",
    "tour",
    "maps",
    "measured",
    "main",
)
"""The scripts in the order in which they need each other."""

STEPS = 60
"""Steps of the live network, as in ``lstm.js``; the page says so in words."""

SPELT_OUT = str.maketrans({letter: f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"})
"""Characters that could end a script, or start a comment in it; in JSON they stand inside strings only."""


def write(results_dir: str | Path, output: str | Path, source_dir: str | Path = REPORT) -> None:
    """Write the explorer of a results folder as one self-contained page; equal tables give equal bytes.

    Args:
        results_dir: a results folder; the tables of :data:`whylstm.article.explorer_data.TABLES` are read.
        output: the page.
        source_dir: ``workflow/report``.

    Raises:
        StudyError: if a table or a source of the page is missing, or the study measured nothing.
    """
    data = explorer_data.study(Path(results_dir) / "tables")
    write_bytes(output, page(source_dir, data).encode())


def page(source_dir: str | Path, data: object) -> str:
    """Return the page with its style, its scripts and its data inside."""
    import jinja2

    folder = Path(source_dir) / FOLDER
    style = source(Path(source_dir) / "article.css") + source(folder / "explorer.css")
    scripts = script([source(folder / "js" / f"{name}.js") for name in SCRIPTS])
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(source(folder / TEMPLATE)).render(
        policy=policy(style, scripts),
        style=style,
        script=scripts,
        data=embedded(data),
        tables=explorer_data.TABLES,
        steps=STEPS,
    )


def source(path: Path) -> str:
    """Return a source of the page.

    Raises:
        StudyError: if there is no such file.
    """
    if not path.is_file():
        raise StudyError(f"the explorer is made from {path}, but there is no such file")
    return path.read_text("utf-8")


def script(sources: list[str]) -> str:
    """Return the scripts as one, in a scope of its own and in strict mode.

    Raises:
        StudyError: if a script holds what would end or comment out the element that it stands in.
    """
    text = "(() => {\n'use strict';\n" + "\n".join(sources) + "})();\n"
    if wrong := [word for word in ("</script", "<script", "<!--") if word in text.lower()]:
        raise StudyError(
            f"a script of the explorer holds {wrong[0]!r}, which would end the page's script; write it apart"
        )
    return text


def policy(style: str, scripts: str) -> str:
    """Return a content security policy: nothing is loaded, and nothing runs but this style and this script."""
    allowed = f"script-src {_hash(scripts)}; style-src {_hash(style)}"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def embedded(data: object) -> str:
    r"""Return data as JSON that no string inside can break out of, on one line.

    >>> embedded({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(SPELT_OUT)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
