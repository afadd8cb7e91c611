"""The door: a network and its inputs to a diagnosis, with tables, a summary, a text and a page."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from whylstm.diagnosis import (
    changes,
    model_files,
    modules,
    plan,
    progress,
    sequences,
    state_dicts,
    summary,
    torch_layers,
)
from whylstm.diagnosis.chain import first_break, trajectories
from whylstm.diagnosis.found import Findings
from whylstm.diagnosis.measure import Measurement
from whylstm.diagnosis.network import Network
from whylstm.diagnosis.observation.asking import ask_model, ask_step
from whylstm.diagnosis.observation.report import Report
from whylstm.diagnosis.routines import or_refused
from whylstm.errors import StudyError
from whylstm.folders import check_writable
from whylstm.records.files import write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Diagnosis(Findings):
    """What was found, and how it is told."""

    def __str__(self) -> str:
        from whylstm.diagnosis.words import text

        return text(self)

    def page(self) -> str:
        """Return the diagnosis as one HTML page that needs no network."""
        from whylstm.diagnosis.page import page

        return page(self)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the page, in a frame of its own."""
        import html

        return f'<iframe srcdoc="{html.escape(self.page())}" style="width: 100%; height: 40rem; border: 0"></iframe>'

    def plot(self) -> dict[str, Figure]:
        """Return the figures one by one, by the names of their findings."""
        from whylstm.diagnosis.page import figures

        return figures(self)

    def write(self, folder: str | Path) -> Path:
        """Write ``index.html``, ``summary.json`` and ``tables/`` into a folder and return the page's path.

        Raises:
            StudyError: if a file cannot be written.
        """
        from whylstm.diagnosis import tables
        from whylstm.records.plain import write_json

        where = Path(folder)
        tables.write(where, self.tables)
        write_json(where / "summary.json", {"name": self.name, **self.summary})
        write_bytes(where / "index.html", self.page().encode())
        return where / "index.html"


def diagnose(
    module: nn.Module | Mapping[str, Any] | str | Path | None = None,
    inputs: Any = None,
    *,
    loss: Callable[[Any, Any], Tensor] | None = None,
    step: Callable[[Any, Any], Any] | None = None,
    state: Any = None,
    exact: bool | None = None,
    call: Callable[[nn.Module, Any], Any] | None = None,
    cells: tuple[Any, ...] = (),
    budget: float = 10.0,
    batch_first: bool | None = None,
    cell: str | None = None,
    nonlinearity: str | None = None,
    prefix: str | None = None,
    array: str | None = None,
    lags: int | None = None,
    windows: int | None = None,
    hops: int = 8,
    select: Iterable[int] | None = None,
    name: str | None = None,
    output: str | Path | None = None,
    verbose: bool = True,
) -> Diagnosis | Report:
    """Measure how a recurrent network passes gradients back through time.

    A torch module is run on the batch, as it is, and looked at: all of its recurrent parts are measured by random
    directions, each number with an interval (:class:`whylstm.diagnosis.observation.report.Report`). Weights without a
    module, and any module with ``exact``, are measured exactly, in float64 and from the zero state
    (:class:`Diagnosis`).

    Args:
        module: any model that calls recurrent layers or cells; or the state dict of a torch.nn.RNN, LSTM or GRU, the
            weights of one of our cells, or the path of a file with such weights.
        inputs: what the model's forward takes; or what its one recurrent layer reads, and for weights: (T, D) or
            (N, T, D) floats, as a tensor, an array, or the path of a .npy, .npz or .pt file.
        loss: your loss, from outputs and batch to a scalar, of a module: then the gradient by lag and the truncation of
            backpropagation that is long enough are told as well.
        step: in place of a module any torch function from a state and one step's input to the next state.
        state: its first state, a tensor or nested tuples, lists and dicts of tensors.
        exact: True to measure a torch.nn.RNN, LSTM or GRU (or a model that holds exactly one) exactly, on the layer's
            own inputs; this takes seconds to hours. False to measure weights without a module by random directions.
        call: from model and batch to outputs, where the model is not to be called as ``model(batch)``,
            ``model(*batch)`` or ``model(**batch)``.
        cells: classes, or names in the model, of cells of your own that the model calls in a loop; those whose class
            is called ...Cell are found without.
        budget: seconds of processor time after which no more random directions are begun.
        batch_first: whether three axes are (N, T, D) and not (T, N, D). If left out: as the module itself reads them,
            and (N, T, D) for weights without a module.
        cell: the cell that weights belong to, if it is not to be inferred from their shapes.
        nonlinearity: ``tanh`` or ``relu``, for the weights of an RNN; tanh is assumed if left out.
        prefix: which recurrent part is meant, where there are several.
        array: which array of a file is meant, where there are several.
        lags: the largest lag; a part of the sequence's length if left out.
        windows: how many windows of that many steps are looked at in each sequence.
        hops: up to how many recurrent matrices paths are told apart exactly.
        select: which sequences, counted from 0; the first four if left out.
        name: what to call the network.
        output: a folder to write page, summary and tables into.
        verbose: whether to tell the progress on the standard error.

    Raises:
        StudyError: for whatever cannot be measured, in one sentence.
    """
    if output is not None:
        check_writable(output, "output folder")
    wishes: dict[str, Any] = {
        "lags": lags,
        "windows": windows,
        "name": name,
        "budget": budget,
        "tell": progress.teller(verbose),
    }
    quick: Report | None = None
    if step is not None:
        quick = ask_step(step, state, inputs, **wishes)
    elif isinstance(module, nn.Module) and not exact:
        check_own_word(cell, nonlinearity)
        chosen: dict[str, Any] = {"batch_first": batch_first, "array": array, "select": select, "prefix": prefix}
        quick = ask_model(module, inputs, loss=loss, call=call, cells=cells, **chosen, **wishes)
    if quick is not None:
        if output is not None:
            quick.write(output)
        return quick
    if module is None:
        raise StudyError("there is nothing to measure: give a model and a batch, or step, state and inputs")
    if loss is not None:
        raise StudyError("loss needs a module that can be run, without exact")
    with torch.inference_mode(mode=False), torch.no_grad():
        network = read_network(module, cell, nonlinearity, prefix)
        values = sequences.read(inputs, array) if isinstance(inputs, str | Path) else inputs
        time_first = network.time_first if batch_first is None else not batch_first
        data = sequences.prepare(values, network.features, time_first, select)
        called = name or (Path(module).stem if isinstance(module, str | Path) else network.kind)
        if exact is False:
            quick = of_weights(network.noted(*data.notes), data, **wishes | {"name": called})
            if output is not None:
                quick.write(output)
            return quick
        found = measured(network.noted(*data.notes), data, lags, windows, hops, called, verbose)
    if output is not None:
        found.write(output)
    return found


def read_network(
    module: nn.Module | Mapping[str, Any] | str | Path, cell: str | None, nonlinearity: str | None, prefix: str | None
) -> Network:
    """Return the network that a module, weights by name, or a file of weights describe.

    Raises:
        StudyError: if they describe none.
    """
    if isinstance(module, nn.Module):
        check_own_word(cell, nonlinearity)
        return modules.from_module(module, prefix)
    if isinstance(module, str | Path):
        module = model_files.read(module)
    if not isinstance(module, Mapping):
        raise StudyError(f"the model is a {type(module).__name__}; allowed: a torch module, weights by name, or a path")
    return state_dicts.from_tensors(module, cell, nonlinearity, prefix)


def of_weights(network: Network, data: sequences.Sequences, **wishes: Any) -> Report:
    """Return the quick report of weights without a module.

    Raises:
        StudyError: if torch.nn has no module for them.
    """
    layers = torch_layers.module(network.layers)
    if layers is None:
        raise StudyError(
            f"the {network.kind} is none of torch.nn's with equal layers, so it can only be measured exactly (exact)"
        )
    found = ask_model(layers, data.values, **wishes)
    return dataclasses.replace(found, notes=(*network.notes, *found.notes))


def check_own_word(cell: str | None, nonlinearity: str | None) -> None:
    """Do nothing if nothing is said of a module's kind.

    Raises:
        StudyError: if cell or nonlinearity are given.
    """
    if cell is not None or nonlinearity is not None:
        raise StudyError("cell and nonlinearity are for weights without a module; the module says what it is itself")


def measured(
    network: Network,
    data: sequences.Sequences,
    lags: int | None,
    windows: int | None,
    hops: int,
    name: str,
    verbose: bool,
) -> Diagnosis:
    """Plan, say what it will take, measure and summarise."""
    inputs, network = finite_part(network, data)
    if lags is not None and inputs.shape[1] < lags <= data.values.shape[1]:
        lags = inputs.shape[1]  # the note says why: the state overflows before
    planned = plan.plan(inputs.shape[1], inputs.shape[0], lags, windows, hops)
    tried = len(changes.worth_trying(network, planned.steps))
    needed = plan.memory(network, planned, tried)
    progress.check_memory(needed)
    shown = progress.Progress(plan.stages(network, planned, tried), progress.stderr(verbose))
    shown.estimate(described(network, planned), needed)
    measurement = Measurement(network, inputs, data.numbers, planned, shown)
    with or_refused(f"the {network.kind}"):
        tables = measurement.tables()
        network = network.noted(*measurement.notes)
        found = summary.summarise(network, planned, data.numbers, tables)
    shown.finish()
    return Diagnosis(name, found, tables, network)


def finite_part(network: Network, data: sequences.Sequences) -> tuple[Tensor, Network]:
    """Return the inputs up to the last step before any state overflows, and the network with a note if one does.

    Raises:
        StudyError: if the first step overflows already.
    """
    broken = first_break(trajectories(network, data.values))
    if broken is None:
        return data.values, network
    if broken == 1:
        raise StudyError(
            "the state overflows at the first step, so there is nothing to measure; check the inputs' scale"
        )
    note = f"The state overflows at step {broken} of {data.values.shape[1]}; what comes before was measured."
    return data.values[:, : broken - 1], network.noted(note)


def described(network: Network, planned: plan.Plan) -> str:
    """Return in a line what will be measured."""
    units = " + ".join(str(layer.hidden) for layer in network.layers)
    layers = f"{len(network.layers)} layer{'s' if len(network.layers) > 1 else ''}"
    windows = len(planned.ends) * planned.sequences
    return (
        f"{network.kind}, {layers} of {units} units, {planned.sequences} sequence{'s' if planned.sequences > 1 else ''}"
        f" of {planned.steps} steps, lags up to {planned.lags} in {windows} window{'s' if windows > 1 else ''}"
    )
