"""What people start from: the gradient of an LSTM as two libraries initialise it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from whylstm import selection
from whylstm.article.numbers import _pick
from whylstm.article.values import Numbers, Value

if TYPE_CHECKING:
    import pandas as pd

LIBRARIES = {"torch": ("torch_default", "PyTorch"), "keras": ("keras_default", "Keras")}
LONG = 100


def make(tables: Mapping[str, pd.DataFrame], claims: Mapping[str, dict[str, Any]]) -> dict[str, Value]:
    """Return norm and growth of the largest LSTM of each library, driven by noise."""
    found: dict[str, Value] = {}
    for key, (initialisation, library) in LIBRARIES.items():
        points = selection.rows_of(tables["points"], cell="lstm", task="noise", initialisation=initialisation)
        if not points.empty:
            found |= of_library(tables, points.nlargest(1, "hidden").iloc[0], key, library)
    return found


def of_library(tables: Mapping[str, pd.DataFrame], point: pd.Series, key: str, library: str) -> dict[str, Value]:
    """Return the numbers of one point."""
    rows = selection.rows_of(tables["lag_profile"], point=point["point"], quantity="norm")
    row = rows[rows["lag"] <= LONG].nlargest(1, "lag").iloc[0]
    what = f"the LSTM as {library} initialises it, {point['hidden']} units"
    reach = selection.rows_of(tables["reach"], point=point["point"]).iloc[0]
    columns = ("exponent", "exponent_low", "exponent_high")
    return {
        f"defaults.{key}_norm": _pick.norm(row, f"norm of the lag Jacobian at lag {row['lag']}, {what}", "lag_profile"),
        f"defaults.{key}_rate": _pick.rate(reach, columns, f"growth λ₁ of the gradient's norm, {what}", "reach"),
        "defaults.lag": _pick.setting(row["lag"], "lag at which the libraries' defaults are shown", "lag_profile"),
        "defaults.hidden": _pick.setting(point["hidden"], "hidden units of the networks with a library's defaults"),
    }


NUMBERS = Numbers(("points", "lag_profile", "reach"), make)
