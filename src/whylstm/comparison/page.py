"""A comparison as one self-contained page: what differs, and figures side by side. No request leaves it."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path

from whylstm.comparison.outcome import Compared, Outcome, Report
from whylstm.comparison.words import details
from whylstm.records import dumps, write_bytes

STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; }
figure { margin: 0; } img { width: 100%; background: #fff; } code { overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
"""


def write(report: Report, folder: Path | str) -> Path:
    """Write ``index.html`` and ``comparison.json`` into a folder and return the page's path.

    Raises:
        StudyError: if the folder cannot be written.
    """
    folder = Path(folder)
    write_bytes(folder / "comparison.json", dumps(report.plain()).encode())
    write_bytes(folder / "index.html", page(report).encode())
    return folder / "index.html"


def page(report: Report) -> str:
    """Return the page; everything that comes from a file is escaped, pictures are embedded."""
    title = f"{report.first} against {report.second}"
    rows = "".join(f"<tr>{_row(part)}</tr>" for part in report.parts)
    pairs = "".join(_pair(report, part) for part in report.parts if part.kind == "figure" and _shown(part))
    verdict = "The two differ." if report.failed else "Nothing differs beyond the tolerance."
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style>'
        f"<h1>Two runs compared</h1><p>First: <code>{escape(report.first)}</code><br>Second:"
        f" <code>{escape(report.second)}</code></p><p><strong>{verdict}</strong></p>"
        f'<div class="wide"><table><thead><tr><th>kind</th><th>name</th><th>outcome</th><th>what</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{pairs}</html>\n"
    )


def _row(part: Compared) -> str:
    what = "<br>".join(escape(line) for line in details(part))
    cells = (escape(part.kind), escape(part.name), escape(part.outcome.value), what)
    return "".join(f"<td>{cell}</td>" for cell in cells)


def _shown(part: Compared) -> bool:
    return part.outcome in (Outcome.DIFFERS, Outcome.AGREES)


def _pair(report: Report, part: Compared) -> str:
    sides = (("First", report.first), ("Second", report.second))
    pictures = "".join(_picture(Path(run) / "figures" / f"{part.name}.png", side) for side, run in sides)
    return f'<h2>{escape(part.name)}</h2><div class="pair">{pictures}</div>'


def _picture(path: Path, side: str) -> str:
    if not path.is_file():
        return f"<figure><figcaption>{side}: no picture</figcaption></figure>"
    data = base64.b64encode(path.read_bytes()).decode()
    alt = escape(f"{path.stem}, {side.lower()} run", quote=True)
    return f'<figure><img alt="{alt}" src="data:image/png;base64,{data}"><figcaption>{side}</figcaption></figure>'
