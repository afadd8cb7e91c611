"""The tables of a diagnosis: what each one is and what its columns mean, and how they are written (Parquet and CSV)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from whylstm.records.files import write_bytes
from whylstm.records.table import FORMAT

if TYPE_CHECKING:
    import pandas as pd

LAYER = "0 for the whole network (all layers' states together), else the layer, counted from 1"
WHERE = {
    "layer": LAYER,
    "sequence": "number of the sequence in the given inputs, counted from 0",
    "end": "last step t of the window, counted from 1",
    "lag": "lag k in steps",
}

TABLES: dict[str, tuple[str, dict[str, str]]] = {
    "lag_profile": (
        "Norms of the lag Jacobian G = ds(t)/ds(t-k), of its blocks, of its hops, and of the article's products.",
        WHERE
        | {
            "quantity": "norm: whole; hop_<r>: paths through r recurrent matrices (hop_0 is the carry); hop_rest: more;"
            " <a>_to_<b>: block from part a to part b; layer_<i>_to_<j>: block from layer i up to layer j;"
            " carry_...: the same of hop_0; article: product of dh(i)/dh(i-1); article_defect: truth minus article;"
            " detour, carousel, detour_gap: the two sides of the article's equality and their difference",
            "log10_norm": "log10 of the Frobenius norm, -inf for exactly zero",
        },
    ),
    "inputs": (
        "Norm of the gradient of the output h(t) of the top layer with respect to the input x(t-k).",
        {key: value for key, value in WHERE.items() if key != "layer"} | {"log10_norm": "log10 of the Frobenius norm"},
    ),
    "exponents": (
        "Largest Lyapunov exponent, along each sequence.",
        {
            "layer": LAYER,
            "sequence": WHERE["sequence"],
            "value": "nats per step",
            "error": "standard error, nats per step",
            "drift": "second half minus first half, nats per step",
            "steps": "steps averaged, after a tenth of the sequence (at most 100 steps) was left out",
        },
    ),
    "hops": (
        "Distribution of the number of recurrent matrices passed, estimated from random directions.",
        WHERE | {"hops": "number r of recurrent matrices", "share": "share of the squared norm, sums to 1 over r"},
    ),
    "mean_hops": (
        "Mean number of recurrent matrices passed.",
        WHERE | {"mean": "mean of r over the shares", "error": "its standard error from the choice of directions"},
    ),
    "units": (
        "What every unit keeps on its direct path; empty for a network without carry.",
        {
            "layer": "the layer, counted from 1",
            "unit": "the unit, counted from 0",
            "carry_mean": "mean over steps and sequences of the unit's carry (an LSTM's f, a GRU's z)",
            "half_life": "ln 2 / -mean(ln carry) in steps, inf if nothing is lost",
            "forget_bias": "bias of the carry gate, NaN for a cell without one",
        },
    ),
    "spectrum": (
        "Singular values of the lag Jacobian, those above 1e-10 of the largest.",
        WHERE | {"index": "place, counted from 1, largest first", "log10_value": "log10 of the singular value"},
    ),
    "bounds": (
        "What norms promise at most, beside the largest singular value that was measured.",
        WHERE
        | {
            "log10_bound": "log10 of the bound of the spectral norm from norms of weights and gates",
            "log10_measured": "log10 of the spectral norm",
        },
    ),
    "theory": (
        "Predicted growth of the gradient per step, to be held against the measured exponent.",
        {
            "layer": "the layer, counted from 1",
            "sequence": WHERE["sequence"],
            "theory": "coherent, incoherent, mean (mean Jacobian) or mean_field (random weights of equal variance)",
            "growth": "nats per step",
        },
    ),
    "changes": (
        "Changed networks, run and measured on the same inputs; the first row is the network as it is.",
        {
            "change": "what was changed",
            "growth": "largest Lyapunov exponent of the network, nats per step; NaN if the sequences are too short",
            "error": "its standard error",
            "memory": "smallest lag whose norm is below 1/e of that at lag 1, NaN if none is",
            "decades": "log10 of the norm at the largest lag over that at lag 1",
            "carry_mean": "mean carry over layers, units and steps",
            "broken": "first step whose state is not finite, NaN if all are",
        },
    ),
    "gradients": (
        "Norm of the parameter gradient of a loss at one step: its spread is what clipping acts on.",
        {"sequence": WHERE["sequence"], "end": "the loss's step t", "log10_norm": "log10 of the norm, in any unit"},
    ),
}


def write(folder: Path, frames: dict[str, pd.DataFrame]) -> list[Path]:
    """Write every table as ``tables/<name>.parquet`` and ``.csv`` and return the files.

    Raises:
        StudyError: if a file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    written = []
    for name, frame in frames.items():
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(), buffer, **FORMAT)
        contents = {"parquet": buffer.getvalue(), "csv": frame.to_csv(index=False, lineterminator="\n").encode()}
        for suffix, content in contents.items():
            written.append(folder / "tables" / f"{name}.{suffix}")
            write_bytes(written[-1], content)
    return written
