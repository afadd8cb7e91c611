"""A results folder made up for tests: small tables that obey the data dictionary, four verdicts, tiny pictures.

Nothing in it was measured. Norms follow simple formulas, so that a test can say what a number of the text must be.
"""

import itertools
import math
from pathlib import Path

import pandas as pd

from tests.laboratory import summaries
from tests.trained import summaries as trained
from whylstm.article import values
from whylstm.records import dictionary, write_json, write_table

LAGS = (1, 2, 5, 10, 20, 50, 100, 200)
VERDICTS = ("holds", "holds under conditions", "refuted", "undecided")
FIGURES = (2, 3, 4, 5, 6, 7)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="345pt" height="200pt" viewBox="0 0 345 200">'
    '<rect width="345" height="200" fill="#eef"/><path d="M10 190 L335 20" stroke="#236" fill="none"/></svg>'
)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def points() -> pd.DataFrame:
    """Return a small grid: LSTM over gain and forget bias, tanh over gain, at two sizes."""
    rows = [
        ("lstm", gain, bias, hidden)
        for gain, bias, hidden in itertools.product((0.5, 1.0, 4.0), (0.0, 1.0, 4.0), (16, 32))
    ]
    rows += [("tanh", gain, math.nan, hidden) for gain, hidden in itertools.product((0.5, 2.0), (16, 32))]
    rows += [("lstm", math.nan, math.nan, 32)] * 2  # as two libraries draw it
    frame = pd.DataFrame(rows, columns=["cell", "gain", "forget_bias", "hidden"])
    names = [f"{row.cell}-h{row.hidden:03d}-{index:010x}" for index, row in enumerate(frame.itertuples())]
    drawn = ["gaussian"] * (len(frame) - 2) + ["torch_default", "keras_default"]
    fixed = {"initialisation": drawn, "input_scale": 1.0, "length": 300, "task": "noise", "lags": 200}
    return frame.assign(point=names, windows=5, hops=8, options="{}", **fixed)


def rate(row) -> float:
    """Return the made-up growth per step of a point, in nats: ln(f + a) for the LSTM, ln(gain) for tanh."""
    if row.cell == "tanh":
        return math.log(row.gain)
    if math.isnan(row.gain):
        return math.log(0.5)
    return math.log(keep(row.forget_bias) + row.gain / 4)


def keep(bias: float) -> float:
    """Return the forget gate that a bias gives."""
    return 0.5 if math.isnan(bias) else 1 / (1 + math.exp(-bias))


def interval(middle: float, half: float = 0.01) -> dict:
    """Return the columns of a median with its interval."""
    return {"median": middle, "low": middle - half, "high": middle + half, "n": 10, "coverage": 0.9785}


def tables() -> dict[str, pd.DataFrame]:
    """Return every table that the numbers of the text read."""
    rows = list(points().itertuples())
    lstm = [row for row in rows if row.cell == "lstm" and not math.isnan(row.gain)]
    return {
        "points": points(),
        "reach": pd.DataFrame([reach(row) for row in rows]),
        "lag_profile": pd.DataFrame([line for row in rows for line in profile(row)]),
        "article_gap": pd.DataFrame([line for row in lstm for line in gap(row)]),
        "carry_share": pd.DataFrame([line for row in rows for line in share(row)]),
        "growth": pd.DataFrame([line for row in lstm for line in growth(row)]),
        "hop_spectrum": pd.DataFrame([line for row in lstm for line in spectrum(row)]),
        "phase": pd.DataFrame([phase("tanh", 1.0, math.nan, hidden) for hidden in (16, 32)] + lines()),
        **summaries.tables(replicates=10),
        **trained.tables(),
    }


def spectrum(row) -> list[dict]:
    """Return equal shares for all hops."""
    even = {"share": 0.25, "share_low": 0.2, "share_high": 0.3}
    return [
        {"point": row.point, "lag": lag, "hop": hop, **interval(-0.3), **even}
        for lag in LAGS
        for hop in ("0", "1", "2", "rest")
    ]


def lines() -> list[dict]:
    """Return where the LSTM's growth σ(b) + gain/4 passes 1: at 2 for bias 0; at bias 4 below the smallest gain."""
    return [phase("lstm", 2.0, 0.0, 32), {**phase("lstm", math.nan, 4.0, 32), "side": "above"}]


def phase(cell: str, gain: float, bias: float, hidden: int) -> dict:
    """Return the gain at which a cell's gradient starts to grow."""
    return {
        "cell": cell, "initialisation": "gaussian", "task": "noise", "hidden": hidden, "length": 300, "lags": 200,
        "input_scale": 1.0, "forget_bias": bias, "options": "{}", "side": "crosses", "gain": gain, "low": 0.95 * gain,
        "high": 1.05 * gain, "smallest": 0.5, "largest": 4.0, "returns": False, "n": 10, "coverage": 0.9785,
    }  # fmt: skip


def reach(row) -> dict:
    """Return a point's growth and memory."""
    slope = rate(row)
    memory = math.inf if slope >= 0 else math.ceil(-1 / slope)
    return {
        "point": row.point, "lags": 200, "exponent": slope, "exponent_low": slope - 0.001,
        "exponent_high": slope + 0.001, "exponent_before": slope, "memory": memory, "memory_low": memory,
        "memory_high": memory, "censored": math.isinf(memory), "n": 10, "coverage": 0.9785, "replicates": 10,
    }  # fmt: skip


def profile(row) -> list[dict]:
    """Return a point's norms: the whole, h to h, and the forget gates' product."""
    bias = row.forget_bias
    slopes = {"norm": rate(row), "h_to_h": rate(row)}
    slopes |= {} if row.cell == "tanh" else {"carry_c_to_c": math.log(keep(bias))}
    return [
        {"point": row.point, "quantity": name, "lag": lag, **interval(slope * lag / math.log(10)), **band()}
        for name, slope in slopes.items()
        for lag in LAGS
    ]


def band() -> dict:
    """Return the columns of a band."""
    return {"band_low": -1.0, "band_high": 1.0}


def gap(row) -> list[dict]:
    """Return what the article's product misses: nothing at lag 1, nearly everything far back."""
    return [
        {"point": row.point, "comparison": name, "lag": lag, **interval(value)}
        for lag in LAGS
        for name, value in (
            ("defect_to_truth", -math.inf if lag == 1 else -1.0 / lag),
            ("article_to_truth", -0.1 * lag),
        )
    ]


def share(row) -> list[dict]:
    """Return the carry's share of the gradient."""
    made = {"lstm": math.log10(keep(row.forget_bias)), "tanh": -math.inf}[row.cell]
    return [
        {"point": row.point, "block": "whole", "nominal_lag": lag, "lag": lag, **interval(made * lag)}
        for lag in (10, 100)
    ]


def growth(row) -> list[dict]:
    """Return measured and predicted growth."""
    half, carry = row.gain / 4, keep(row.forget_bias)
    made = {"coherent": math.log(carry + half), "incoherent": 0.5 * math.log(carry**2 + half**2)}
    made["mean"] = made["coherent"] - 0.02
    return [
        {
            "point": row.point, "prediction": name, "predicted": value, "predicted_low": value - 0.01,
            "predicted_high": value + 0.01, "measured": rate(row), "measured_low": rate(row) - 0.001,
            "measured_high": rate(row) + 0.001, "difference": value - rate(row), "difference_low": -0.01,
            "difference_high": 0.01, "n": 10, "coverage": 0.9785,
        }
        for name, value in made.items()
    ]  # fmt: skip


def claims(verdict: str = "") -> list[dict]:
    """Return all judged claims, all with one verdict or with all four in turn."""
    return [claim(number, verdict or VERDICTS[number % 4]) for number in range(1, 15)]


def claim(number: int, verdict: str) -> dict:
    """Return the record of a claim."""
    slope = {"value": -0.3, "low": -0.4, "high": -0.2, "n": 10, "unit": "nats per step", "meaning": f"slope {number}"}
    slope |= {"text": "−0.3", "span": "−0.4 to −0.2"}
    cells = {
        "value": 4.0,
        "low": None,
        "high": None,
        "n": None,
        "unit": "cells",
        "meaning": "cells in which it is right",
    }
    cells |= {"text": "4", "span": ""}
    return {
        "id": f"C{number}", "place": "Section 1, a display", "paraphrase": f"Statement {number} has a < b & *c_de_f*.",
        "statistic": "A made-up slope", "rule": "Holds if the slope is below 0.", "conditions": "Only here.",
        "verdict": verdict, "title": f"Title {number}", "sentence": f"Finding {number}: the slope is −0.3.",
        "figure": "fig02_made_up" if number > 3 else None, "number": {"key": "slope", **slope},
        "numbers": {"slope": slope, "cells": cells}, "words": {}, "tables": ["reach"],
        "code": f"src/whylstm/claims/c{number:02d}.py",
    }  # fmt: skip


def figure(number: int) -> dict:
    """Return the record of a figure, with characters in it that a page must escape."""
    return {
        "number": number, "name": f"fig{number:02d}_made_up", "title": f"Message {number} with a < b & cd_e",
        "verdict": "holds", "caption": f"Caption {number} of 10 networks with *stars*, a < b and 10⁻³.",
        "alt": f'Alternative text {number} with "quotes" & <tags>', "tables": ["lag_profile", "points"],
        "code": f"src/whylstm/figures/fig{number:02d}_made_up.py",
        "shown": True,
        "command": f"snakemake --cores all results/figures/fig{number:02d}_made_up.svg",
    }  # fmt: skip


def completed(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return a frame with every column that the data dictionary asks for, those that no test looks at empty."""
    empty = {"string": "", "bool": False, "int64": 0, "float64": 0.0}
    rules = dictionary.entry(table)
    missing = {name: rules.columns[name] for name in (*rules.required, *rules.key) if name not in frame}
    return frame.assign(**{name: empty[column.dtype] for name, column in missing.items()})


def write(folder: Path, verdict: str = "", figures: tuple[int, ...] = FIGURES) -> Path:
    """Write a whole results folder and return it."""
    for name, frame in tables().items():
        write_table(folder / "tables" / f"{name}.parquet", completed(frame, name), name)
    write_json(folder / "claims.json", claims(verdict))
    write_json(folder / "values.json", values.build(folder / "tables", folder / "claims.json"))
    for number in figures:
        record = figure(number)
        place = folder / "figures" / record["name"]
        write_json(place.with_suffix(".json"), record)
        place.with_suffix(".svg").write_text(SVG, "utf-8")
        place.with_suffix(".png").write_bytes(PNG)
    return folder
