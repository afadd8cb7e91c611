"""Numbers from the literature: each with its source, and whether we read it in the paper or only found it quoted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from whylstm.article.markup import attribute, escape
from whylstm.article.results import pick
from whylstm.errors import StudyError

FILE = "literature.yaml"
KNOWN = {"read": "read in the paper", "quoted": "quoted only: found in a later text, not checked in the paper"}
MARKS = {"read": "", "quoted": "†"}


@dataclass
class Literature:
    """The entries of ``literature.yaml`` by key, and which of them the text has used.

    An entry holds ``text``, ``meaning``, ``source`` (a key of references.bib) and ``known`` (``read`` or ``quoted``).
    """

    entries: dict[str, dict[str, str]]
    used: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, source_dir: str | Path) -> Literature:
        """Return the entries of a source folder.

        Raises:
            StudyError: if the file is missing or an entry does not say how we know it.
        """
        import yaml

        path = Path(source_dir) / FILE
        if not path.is_file():
            raise StudyError(f"the article needs the numbers of the literature, but there is no file {path}")
        entries = yaml.safe_load(path.read_text("utf-8")) or {}
        for key, entry in entries.items():
            if entry.get("known") not in KNOWN:
                raise StudyError(f"{FILE}: {key}.known is {entry.get('known')!r}; allowed: {', '.join(KNOWN)}")
        return cls(entries)

    def inline(self, key: str, target: str) -> str:
        """Return a number of the literature, with a dagger where it is quoted only."""
        entry = pick("number of the literature", key, self.entries)
        if key not in self.used:
            self.used.append(key)
        shown = escape(entry["text"]) + MARKS[entry["known"]]
        if target == "typst":
            return shown
        title = f"{entry['meaning']} ({KNOWN[entry['known']]})"
        return f"[{shown}]{{.literature title={attribute(title)}}}"

    def listing(self) -> str:
        """Return the used numbers as Markdown, one line each."""
        return "\n".join(_line(self.entries[key]) for key in sorted(self.used))


def _line(entry: dict[str, str]) -> str:
    mark = MARKS[entry["known"]]
    return (
        f"- **{escape(entry['text'])}**{mark} {escape(entry['meaning'])} [@{entry['source']}]; {KNOWN[entry['known']]}."
    )
