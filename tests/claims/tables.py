"""Synthetic tables, as small as a rule allows, that lead each claim to each of its verdicts."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.trained import frames as trained_frames
from tests.trained.frames import Made
from whylstm import statistics
from whylstm.statistics import _sources

RATE = math.log(100) / 100
ZERO = -math.inf

Tables = dict[str, pd.DataFrame]


def identities(**errors: dict[str, list[float]]) -> pd.DataFrame:
    """Return a table of identities from log10 errors: identity -> cell -> one error per replicate."""
    rows = [
        {"identity": identity, "cell": cell, "hidden": 3, "length": 8, "lag": 4, "replicate": replicate}
        | {"log10_error": error, "log10_size": 0.0}
        for identity, cells in errors.items()
        for cell, values in cells.items()
        for replicate, error in enumerate(values)
    ]
    columns = ["identity", "cell", "hidden", "length", "lag", "replicate", "log10_error", "log10_size"]
    return pd.DataFrame(rows, columns=columns)


RIGHT, WRONG, BETWEEN = [-15.8, ZERO, -15.2], [-0.3, -1.2, 0.1], [-5.0, -6.0, -4.0]


def equation(identity: str, **cells: list[float]) -> Tables:
    return {"identities": identities(**{identity: cells}), "article_gap": article_gap([])}


def points(count: int, cell: str = "lstm", **columns: object) -> pd.DataFrame:
    """Return so many design points of one cell, p0, p1 ..., on a line of forget biases."""
    grid = {"gain": 1.0, "forget_bias": np.arange(count, dtype=float), "hidden": 100, "lags": 200, "task": "noise"}
    return pd.DataFrame({"point": [f"p{i}" for i in range(count)], "cell": cell, **(grid | columns)})


def lag_profile(products: list[float], half: float = 0.05, lag: int = 100) -> pd.DataFrame:
    """Return Π f (log10, root mean square over 100 units) of p0, p1 ... at one lag, with intervals of ±half."""
    middle = np.array(products, dtype=float) + 0.5 * math.log10(100)
    rows = {"point": [f"p{i}" for i in range(len(products))], "quantity": "carry_c_to_c", "lag": lag}
    rows |= {"median": middle, "low": middle - half, "high": middle + half, "n": 10, "coverage": 0.978}
    return pd.DataFrame(rows)


def reach(exponents: list[float], half: float = 0.001) -> pd.DataFrame:
    """Return λ₁ of p0, p1 ... with intervals of ±half."""
    middle = np.array(exponents, dtype=float)
    rows = {"point": [f"p{i}" for i in range(len(exponents))], "lags": 200, "exponent": middle}
    rows |= {"exponent_low": middle - half, "exponent_high": middle + half, "n": 10, "coverage": 0.978}
    return pd.DataFrame(rows)


def networks(count: int, replicates: int = 3, **columns: object) -> pd.DataFrame:
    """Return networks of p0, p1 ...; columns are constants, or one value per point."""
    rows = [{"point": f"p{i}", "replicate": r, "exponent": 0.0} for i in range(count) for r in range(replicates)]
    defaults = {"norm_bound": np.nan, "bound_excess": np.nan, "carry_peak": np.nan, "spectral_norm": 1.0}
    given = {
        name: np.repeat(value, replicates) if isinstance(value, list) else value for name, value in columns.items()
    }
    return pd.DataFrame(rows, columns=["point", "replicate", "exponent"]).assign(**(defaults | given))


def article_gap(gaps: list[float], lag: int = 10) -> pd.DataFrame:
    """Return the gap of the two sides (log10 over the larger) of p0, p1 ... at one lag, and ratios beside."""
    rows = []
    for comparison, shift in (("gap_to_larger", 0.0), ("detour_to_carousel", -1.0), ("defect_to_truth", -0.5)):
        for i, gap in enumerate(gaps):
            value = gap + shift
            rows.append({"point": f"p{i}", "comparison": comparison, "lag": lag, "median": value, "low": value})
    columns = ["point", "comparison", "lag", "median", "low", "high", "n", "coverage"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(high=frame["median"], n=10, coverage=0.978).astype({"median": "float64"})


def counterexamples(**cases: tuple[float, float]) -> pd.DataFrame:
    """Return exact cases: name -> (log10 norm of the product at the last lag, smallest norm of a factor)."""
    rows = [
        {"case": case, "sentence": f"the case {case}", "lag": lag, "log10_norm": norm * lag / 60}
        | {"smallest_norm": smallest, "largest_norm": 2.0, "largest_radius": 1.0}
        for case, (norm, smallest) in cases.items()
        for lag in (1, 60)
    ]
    columns = ["case", "sentence", "lag", "log10_norm", "smallest_norm", "largest_norm", "largest_radius"]
    return pd.DataFrame(rows, columns=columns)


def bounded(bounds: list[float], excess: float, exponents: list[float], *others: str) -> Tables:
    """Return tables for C4: points with norm bounds (log10), and readings of 'below one' that fail."""
    cases = counterexamples(below_one_surely=(-10.0, 0.5), **{f"below_one_{name}": (10.0, 0.5) for name in others})
    own = networks(len(bounds), norm_bound=bounds, bound_excess=excess)
    return {"networks": own, "reach": reach(exponents), "counterexamples": cases}


def unbounded(cell: str, exponents: list[float], **cases: float) -> Tables:
    """Return tables for C5: networks of one cell with σ_max(U) > 1, and exact cases with norms above one."""
    exact = counterexamples(**{name: (norm, 2.0) for name, norm in cases.items()})
    own = networks(len(exponents), norm_bound=0.3, exponent=exponents)
    return {"networks": own, "points": points(len(exponents), cell), "counterexamples": exact}


def products(values: list[float], **columns: float) -> Tables:
    return {"lag_profile": lag_profile(values, **columns), "points": points(len(values))}


def peaks(*largest: float) -> Tables:
    cells = ["lstm" if value <= 0 else "slstm" for value in largest]
    own = networks(len(largest), carry_peak=[value + 1.0 for value in largest])
    return {"networks": own, "points": points(len(largest), cell=cells)}


def gradients(exponents: list[float], values: list[float], half: float = 0.001) -> Tables:
    return products(values) | {"reach": reach(exponents, half)}


SAFE, VANISHES, EXPLODES = 0.0, -0.2, 0.2
KEPT, LOST = -0.5, -8.0


def nested(whole: str, part: str, second: list[float], **cells: list[float]) -> Tables:
    """Return a right equation for the named cells, and a second one that is as given for the last of them."""
    given = dict.fromkeys(cells, RIGHT) | {list(cells)[-1]: second} if second else {}
    return {"identities": identities(**{whole: cells, part: given})}


ONE_LSTM, SIMPLE = {"cell": "lstm", "forget_bias": 1.0}, {"cell": "tanh"}
ATTENTION = {"cell": "attention"}


def trained(*trials: trained_frames.Made, seeds: int = 10) -> Tables:
    """Return what the claims on training read, from trials with their numbers of solved runs, of so many each."""
    raw = trained_frames.tables_of(list(trials), seeds)
    made = {name: statistics.load(name).of_tables(raw) for name in ("success", "arm_pairs", "extrapolation_summary")}
    made = {name: _sources.shaped(frame, name) for name, frame in made.items()}
    return {"trials": raw["trials"]} | made | {"attention_reach": attention_reach()}


def rivals(*solved: int, simple: int = 2, seeds: int = 10) -> Tables:
    """Return tables for C12: so many runs solved by LSTM arms at one length, and by two simple arms beside them."""
    biased = [ONE_LSTM | {"forget_bias": float(i)} for i in range(len(solved))]
    arms = [Made("e", f"memory_{i}", 20, count, biased[i]) for i, count in enumerate(solved)]
    return trained(*arms, Made("e", "plain", 20, simple, SIMPLE), Made("e", "worse", 20, 0, SIMPLE), seeds=seeds)


def lengths(*solved: int, far: tuple[float, ...] = ()) -> Tables:
    """Return tables for C13: runs of LSTM arms solved at the longer of two lengths; scores at 80 steps where given."""
    arms = [
        Made("e", f"a{i}", t, 10 if t == 20 else n, ONE_LSTM | {"forget_bias": float(i)})
        for i, n in enumerate(solved)
        for t in (20, 50)
    ]
    made = trained(*arms, *[Made("f", f"b{i}", 20, 10, ONE_LSTM) for i in range(len(far))])
    scores = [
        {"experiment": "f", "arm": f"b{i}", "trial": f"f-b{i}-t20", "outcome": "solved", "length": length}
        | {"metric": "error", "median": score, "low": score - 0.01, "high": score + 0.01, "n": 10, "trivial": 0.75}
        for i, score in enumerate(far)
        for length in (20, 80)
    ]
    columns = list(made["extrapolation_summary"])
    return made | {"extrapolation_summary": pd.DataFrame(scores, columns=columns)}


def looking(*solved: int, others: int = 9) -> Tables:
    """Return tables for C14: runs solved by attention at lengths 20, 30 ..., and by a recurrent arm beside it."""
    pairs = enumerate(solved)
    return trained(
        *[
            Made("e", arm, 20 + 10 * i, count, fields)
            for i, n in pairs
            for arm, count, fields in (("seeing", n, ATTENTION), ("memory", others, ONE_LSTM))
        ],
        Made("e", "memory", 90, 10, ONE_LSTM),
    )


def attention_reach() -> pd.DataFrame:
    """Return that attention keeps its hold on an input, and cells lose theirs to different degrees."""
    lasts = {("attention", math.nan): 0.0, ("lstm", 0.0): -13.0, ("lstm", 4.0): -0.5}
    rows = [
        {"kind": kind, "forget_bias": bias, "lag": lag, "median": -1.0, "low": -1.1, "high": -0.9}
        | {"change": last * (lag > 1), "change_low": last - 0.1, "change_high": last + 0.1, "n": 3, "coverage": 0.75}
        for (kind, bias), last in lasts.items()
        for lag in (1, 40)
    ]
    return pd.DataFrame(rows)


CASES: dict[str, dict[str, Callable[[], Tables]]] = {
    "c01": {
        "holds": lambda: equation("sum_over_steps", tanh=RIGHT, lstm=RIGHT),
        "holds under conditions": lambda: equation("sum_over_steps", tanh=RIGHT, lstm=WRONG),
        "refuted": lambda: equation("sum_over_steps", tanh=WRONG, lstm=WRONG),
        "undecided": lambda: equation("sum_over_steps", tanh=RIGHT, lstm=BETWEEN),
    },
    "c02": {
        "holds": lambda: nested("sum_over_lags", "sum_without_lag_0", RIGHT, tanh=RIGHT, lstm=RIGHT),
        "holds under conditions": lambda: nested("sum_over_lags", "sum_without_lag_0", WRONG, tanh=RIGHT, lstm=RIGHT),
        "refuted": lambda: nested("sum_over_lags", "sum_without_lag_0", WRONG, tanh=WRONG, lstm=WRONG),
        "undecided": lambda: nested("sum_over_lags", "sum_without_lag_0", [], tanh=RIGHT, lstm=RIGHT),
    },
    "c03": {
        "holds": lambda: nested("state_product", "h_product", RIGHT, tanh=RIGHT, lstm=RIGHT),
        "holds under conditions": lambda: nested("state_product", "h_product", WRONG, tanh=RIGHT, lstm=RIGHT),
        "refuted": lambda: nested("state_product", "h_product", WRONG, tanh=WRONG, lstm=WRONG),
        "undecided": lambda: nested("state_product", "h_product", WRONG, tanh=RIGHT, lstm=BETWEEN),
    },
    "c04": {
        "holds": lambda: bounded([-0.2, -0.1], -1.0, [-0.5, -0.3]),
        "holds under conditions": lambda: bounded([-0.2, -0.1], -1.0, [-0.5, -0.3], "in_sign"),
        "refuted": lambda: bounded([-0.2, -0.1], 0.5, [-0.5, -0.3], "in_sign"),
        "undecided": lambda: bounded([0.2, 0.3], -1.0, [-0.5, -0.3], "in_sign"),
    },
    "c05": {
        "holds": lambda: unbounded("linear", [EXPLODES, EXPLODES], growing=20.0),
        "holds under conditions": lambda: unbounded("linear", [EXPLODES, VANISHES], in_turns=-20.0),
        "refuted": lambda: unbounded("linear", [VANISHES, VANISHES], in_turns=ZERO),
        "undecided": lambda: unbounded("tanh", [VANISHES, EXPLODES]),
    },
    "c06": {
        "holds": lambda: equation("two_paths", lstm=RIGHT) | {"article_gap": article_gap([0.0, -0.2], lag=2)},
        "holds under conditions": lambda: equation("two_paths", lstm=RIGHT, peephole=WRONG),
        "refuted": lambda: equation("two_paths", lstm=WRONG),
        "undecided": lambda: equation("sum_over_steps", lstm=RIGHT),
    },
    "c07": {
        "holds": lambda: equation("product_in_terms", lstm=RIGHT),
        "holds under conditions": lambda: equation("product_in_terms", lstm=RIGHT, peephole=WRONG),
        "refuted": lambda: equation("product_in_terms", lstm=WRONG),
        "undecided": lambda: equation("product_in_terms", lstm=BETWEEN),
    },
    "c08": {
        "holds": lambda: {"article_gap": article_gap([-12.0] * 4), "identities": identities()},
        "holds under conditions": lambda: {"article_gap": article_gap([-12.0, 0.0, 0.0]), "identities": identities()},
        "refuted": lambda: {"article_gap": article_gap([0.0, -0.1, 0.1]), "identities": identities()},
        "undecided": lambda: {"article_gap": article_gap([-5.0, -5.0, 0.0, 0.0, 0.0]), "identities": identities()},
    },
    "c09": {
        "holds": lambda: products([KEPT] * 4),
        "holds under conditions": lambda: products([LOST, LOST, KEPT, KEPT]),
        "refuted": lambda: products([LOST] * 4),
        "undecided": lambda: products([KEPT] * 4, lag=60),
    },
    "c10": {
        "holds": lambda: peaks(-0.1, -0.001, 0.0),
        "holds under conditions": lambda: peaks(-0.1, 3.0),
        "refuted": lambda: peaks(3.0, 4.0),
        "undecided": lambda: {"networks": networks(2), "points": points(2, "gru")},
    },
    "c11": {
        "holds": lambda: gradients([SAFE] * 4, [LOST, LOST, KEPT, KEPT]),
        "holds under conditions": lambda: gradients([VANISHES, EXPLODES, SAFE, SAFE, SAFE], [LOST, LOST] + [KEPT] * 3),
        "refuted": lambda: gradients([VANISHES, EXPLODES, EXPLODES, SAFE], [LOST, KEPT, KEPT, KEPT]),
        "undecided": lambda: gradients([VANISHES, SAFE, SAFE, SAFE], [LOST] * 4),
    },
    "c12": {
        "holds": lambda: rivals(9, 10, 8),
        "holds under conditions": lambda: rivals(9, 10, 1),
        "refuted": lambda: rivals(1, 0, 1),
        "undecided": lambda: rivals(9, 10, 3),
    },
    "c13": {
        "holds": lambda: lengths(1, 0, far=(0.6,)),
        "holds under conditions": lambda: lengths(1, 10, far=(0.6,)),
        "refuted": lambda: lengths(9, 10, far=(0.1,)),
        "undecided": lambda: lengths(5, 5, 1, far=(0.375,)),
    },
    "c14": {
        "holds": lambda: looking(9, 10, 9),
        "holds under conditions": lambda: looking(9, 0, 1),
        "refuted": lambda: looking(0, 1, 0),
        "undecided": lambda: looking(5, 5, 9),
    },
}
"""By claim and verdict: tables that must lead there."""


def everything() -> Tables:
    """Return one set of tables that every claim can read."""
    merged: Tables = {}
    for name in ("c01", "c05", "c08", "c11", "c13"):
        merged |= CASES[name]["refuted"]()
    return merged | {"networks": networks(4, carry_peak=0.5, norm_bound=-0.1, bound_excess=-1.0)}
