"""What every claim is: a statement of the article, what is measured, the rule that decides, and the words for each end.

A verdict is computed from tables, never typed. The rule and its thresholds stand in the claim's file, argued, and were
written before there were numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from whylstm import wording
from whylstm.errors import StudyError

if TYPE_CHECKING:
    import pandas as pd

    Tables = Mapping[str, pd.DataFrame]

FORMS: dict[str, Callable[[float], str]] = {
    "plain": wording.number,
    "power": wording.power_of_ten,
    "percent": wording.percent,
    "count": wording.count,
}
"""How a number of each form is written."""

Verdict = Literal["holds", "holds under conditions", "refuted", "undecided"]


@dataclass(frozen=True)
class Number:
    """One number that a claim measures.

    Attributes:
        value: the number; None where there is none.
        meaning: what it is, in words that stand alone.
        unit: its unit or scale, as in the data dictionary.
        low: lower end of its interval, None where there is no interval.
        high: upper end of its interval.
        n: what it was measured on: replicates, points or cases, as the meaning says.
        form: how it is written: plain, power (the value is a log10), percent or count.
    """

    value: float | None
    meaning: str
    unit: str = "1"
    low: float | None = None
    high: float | None = None
    n: int | None = None
    form: Literal["plain", "power", "percent", "count"] = "plain"

    @property
    def known(self) -> bool:
        """Whether there is a number."""
        return self.value is not None and not math.isnan(self.value)

    @property
    def text(self) -> str:
        """The number as it is written."""
        return self._written(self.value)

    @property
    def span(self) -> str:
        """The interval as it is written; empty where there is none."""
        ends = [end for end in (self.low, self.high) if end is not None and not math.isnan(end)]
        if len(ends) < 2 or not self.known:
            return ""
        low, high = (self._written(end) for end in ends)
        return low if low == high else f"{low} to {high}"

    def __str__(self) -> str:
        return self.text

    def record(self) -> dict[str, Any]:
        """Return everything, for JSON; a number that there is not is None."""
        ends = {"value": self.value, "low": self.low, "high": self.high}
        found = {name: None if end is None or math.isnan(end) else float(end) for name, end in ends.items()}
        return {**found, "n": self.n, "unit": self.unit, "meaning": self.meaning, "text": self.text, "span": self.span}

    def _written(self, value: float | None) -> str:
        return "none" if value is None or math.isnan(value) else FORMS[self.form](value)


@dataclass(frozen=True)
class Measure:
    """What a claim measured: numbers, and words that are found rather than typed (names of cells), by key."""

    numbers: dict[str, Number]
    words: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> float:
        """Return the bare value of a number, NaN where there is none."""
        value = self.numbers[key].value
        return math.nan if value is None else float(value)


@dataclass(frozen=True)
class Claim:
    """One statement of the article.

    Attributes:
        id: C1 ... C14.
        place: where the article says it.
        paraphrase: what it says, in our words.
        statistic: what is measured.
        rule: how the numbers decide, in words.
        conditions: template: what the verdict is limited to, or the conditions under which the statement holds; one for
            all verdicts, or by verdict.
        tables: names of the tables that it reads.
        number: key of the number that the verdict hangs on most.
        figure: name of the figure that shows it, or None.
        measure: makes the numbers from the tables.
        judge: makes the verdict from the numbers, and from nothing else.
        titles: template of a few words for each verdict.
        sentences: template of the finding for each verdict; ``{key}`` is a number, ``{key.span}`` its interval.
    """

    id: str
    place: str
    paraphrase: str
    statistic: str
    rule: str
    conditions: str | Mapping[Verdict, str]
    tables: tuple[str, ...]
    number: str
    figure: str | None
    measure: Callable[[Tables], Measure]
    judge: Callable[[Measure], Verdict]
    titles: Mapping[Verdict, str]
    sentences: Mapping[Verdict, str]

    def told(self, measure: Measure, verdict: Verdict) -> dict[str, str]:
        """Return ``title``, ``sentence`` and ``conditions`` for a verdict, filled in.

        Raises:
            StudyError: if a template asks for a number that the claim does not measure.
        """
        facts = {**measure.numbers, **measure.words}
        limits = self.conditions if isinstance(self.conditions, str) else self.conditions[verdict]
        texts = {"title": self.titles[verdict], "sentence": self.sentences[verdict], "conditions": limits}
        try:
            return {name: text.format_map(facts) for name, text in texts.items()}
        except KeyError as error:
            raise StudyError(
                f"claim {self.id}: a text asks for {error}; measured: {', '.join(sorted(facts))}"
            ) from error

    def record(self, tables: Tables) -> dict[str, Any]:
        """Return the claim with its verdict and everything that it was computed from, for JSON.

        Raises:
            StudyError: if a table is missing.
        """
        if missing := [name for name in self.tables if name not in tables]:
            raise StudyError(f"claim {self.id} needs the table {missing[0]!r}; given: {', '.join(sorted(tables))}")
        measure = self.measure(tables)
        verdict = self.judge(measure)
        own = ("id", "place", "paraphrase", "statistic", "rule", "figure")
        numbers = {key: number.record() for key, number in measure.numbers.items()}
        return {
            **{name: getattr(self, name) for name in own},
            **self.told(measure, verdict),
            "verdict": verdict,
            "tables": list(self.tables),
            "number": {"key": self.number, **numbers[self.number]},
            "numbers": numbers,
            "words": dict(measure.words),
            "code": f"src/{self.measure.__module__.replace('.', '/')}.py",
        }
