"""The article's source with everything filled in: Jinja2 over Markdown, for one target (``html`` or ``typst``).

The source speaks through a handful of words. ``v(key)`` is a number; ``has(key)`` asks whether the study has it;
``number(key)`` is its bare value, for a condition; ``verdict(id)`` a claim's verdict, ``badge(id)`` the verdict as a
label and ``claim(id)`` the claim beside it; ``figure(number)`` shows a figure, ``shown(number)`` asks whether the
study has it, ``fig(number)`` refers to it; ``lit(key)`` is a number from the literature, marked as read or as quoted.
Delimiters are ``<< >>``, ``<% %>`` and ``<# #>``, which neither Markdown nor TeX uses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whylstm import wording
from whylstm.article import claimbox, figurebox, numberlist
from whylstm.article.literature import Literature
from whylstm.article.results import Results
from whylstm.errors import StudyError

SOURCE = "article.md.j2"


@dataclass
class Story:
    """One telling of the results for one target; it remembers which numbers and figures the text has used."""

    results: Results
    literature: Literature
    target: str
    links: str = ""
    used: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)

    def v(self, key: str) -> str:
        """Return a number, linked to its line in the list of numbers."""
        record = self.results.value(key)
        if key not in self.used:
            self.used.append(key)
        return numberlist.inline(key, record)

    def has(self, *keys: str) -> bool:
        """Return whether the study has all these numbers."""
        return all(key in self.results.values for key in keys)

    def number(self, key: str) -> float | None:
        """Return the bare value behind a key, for a condition in the source."""
        return self.results.value(key)["value"]

    def verdict(self, claim: str) -> str:
        """Return a claim's verdict."""
        return str(self.results.claim(claim)["verdict"])

    def judged(self, *claims: str) -> bool:
        """Return whether the study has judged all these claims."""
        return all(claim in self.results.claims for claim in claims)

    def badge(self, claim: str) -> str:
        """Return a claim's verdict as a label."""
        return claimbox.badge(self.verdict(claim), self.target)

    def claim(self, claim: str) -> str:
        """Return a claim with its verdict, as a box beside the text."""
        return claimbox.box(self.results.claim(claim), self.target)

    def claims(self) -> list[dict[str, Any]]:
        """Return all judged claims in order."""
        return [self.results.claim(claim) for claim in self.results.claims]

    def verdicts(self) -> str:
        """Return all claims and verdicts as one short table."""
        return claimbox.overview(self.claims(), self.target)

    def having(self, verdict: str) -> str:
        """Return the claims that have this verdict as a list, empty if none has."""
        return claimbox.short([claim for claim in self.claims() if claim["verdict"] == verdict])

    def claim_cards(self) -> str:
        """Return every claim with statistic, rule, number, figure and command."""
        return "\n".join(claimbox.card(claim, self.results, self.target, self.links) for claim in self.claims())

    def shown(self, *numbers: int) -> bool:
        """Return whether the study has the figures with all these numbers."""
        return set(numbers) <= {figure.number for figure in self.results.figures.values()}

    def figure(self, number: int) -> str:
        """Return a figure with its caption and sources; each is shown once.

        Raises:
            StudyError: if the study has no such figure, or the source shows it twice.
        """
        figure = self.results.figure(number)
        if figure.name in self.drawn:
            raise StudyError(f"the article shows figure {number} twice")
        self.drawn.append(figure.name)
        return figurebox.block(figure, self.target, self.links)

    def fig(self, number: int) -> str:
        """Return a reference to a figure."""
        figure = self.results.figure(number)
        return f"[Figure {figure.number}](#{figurebox.anchor(figure.name)})"

    def other_figures(self) -> str:
        """Return the figures that the text has not shown, so that none of the study is left out."""
        rest = [figure for figure in self.results.figures.values() if figure.name not in self.drawn]
        return "\n".join(self.figure(figure.number) for figure in rest)

    def left_out(self) -> list[str]:
        """Return a line for each reason why parts are not in this study, the parts named."""
        reasons: dict[str, list[str]] = {}
        for name, why in self.results.left_out.items():
            reasons.setdefault(why.rstrip("."), []).append(name.replace("_", " "))
        return [f"{wording.listed(names)}: {why}." for why, names in reasons.items()]

    def exact(self, text: str) -> str:
        """Return a number that is exact by definition and typed on purpose."""
        return text

    def lit(self, key: str) -> str:
        """Return a number from the literature with its mark."""
        return self.literature.inline(key, self.target)

    def literature_list(self) -> str:
        """Return the literature's numbers that the text used, each with its source and how we know it."""
        return self.literature.listing()

    def number_list(self) -> str:
        """Return the list of all numbers that the text has used so far."""
        return numberlist.listing({key: self.results.value(key) for key in self.used}, self.target, self.links)

    def words(self) -> dict[str, Any]:
        """Return what the source may say."""
        names = [name for name in vars(type(self)) if not name.startswith("_") and name != "words"]
        return {name: getattr(self, name) for name in names if callable(getattr(self, name))} | {"target": self.target}


def tell(source_dir: str | Path, results: Results, target: str, links: str = "") -> str:
    """Return the article's Markdown for one target.

    Args:
        source_dir: the folder with ``article.md.j2`` and ``literature.yaml``.
        results: what the study found.
        target: ``html`` or ``typst``.
        links: path from the page's folder to the root of the repository, for links to code.

    Raises:
        StudyError: if the source asks for a number, claim, figure or word that does not exist.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(source_dir),
        undefined=jinja2.StrictUndefined,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
    )
    story = Story(results, Literature.read(source_dir), target, links)
    try:
        return environment.get_template(SOURCE).render(story.words())
    except jinja2.TemplateError as error:
        raise StudyError(f"the article's source {SOURCE} cannot be filled in: {error}") from error
