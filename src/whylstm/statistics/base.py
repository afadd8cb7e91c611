"""What every statistic declares: a dataclass of parameters that maps frames to one tidy table, and remembers nothing.

There are two kinds. One reduces records *point by point*, so that only one point is in memory at a time; the other maps
finished tables to a new one. What the table holds stands in the data dictionary under the statistic's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import pandas as pd

    Frames = Mapping[str, pd.DataFrame]


class Statistic:
    """One table. Subclasses are final, frozen dataclasses; a file defines an instance as ``STATISTIC``.

    Class attributes:
        records: the tables of records (``profiles``, ``models``) that are reduced point by point; none for a statistic
            that maps finished tables only.
        tables: the finished tables that it reads.
    """

    records: ClassVar[tuple[str, ...]] = ()
    tables: ClassVar[tuple[str, ...]] = ()

    def columns(self, table: str, names: Iterable[str]) -> list[str]:
        """Return which of the columns of a table of records are read; all of them unless a statistic says less."""
        return [name for name in names if name != "point"]

    def of_point(self, frames: Frames) -> pd.DataFrame:
        """Return the rows of one design point, without the column ``point``.

        Args:
            frames: by table of records, the point's rows.
        """
        raise NotImplementedError

    def of_tables(self, tables: Frames) -> pd.DataFrame:
        """Return the whole table from finished tables, by name."""
        raise NotImplementedError
