"""Measure how your own recurrent network passes gradients back through time, and write a page, a summary and tables."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from whylstm.commands.base import Command

ABOUT = {
    "model": "weights of torch.nn.RNN, LSTM or GRU (.safetensors, or a state dict in a .pt), or of a cell of ours",
    "--inputs": "what it reads: a .npy, .npz or .pt file with (steps, features) or (sequences, steps, features)",
    "--output": "folder for index.html, summary.json and tables/ (default: diagnosis-<name>)",
    "--name": "what to call the network (default: the file's name)",
    "--cell": "rnn, tanh, relu, lstm, gru, or a cell of ours (default: inferred from the shapes)",
    "--nonlinearity": "tanh or relu, of a simple RNN, which its weights do not say (default: tanh)",
    "--prefix": "which recurrent part is meant, where the file holds several, such as encoder.rnn",
    "--array": "which array of the input file is meant, where it holds several",
    "--sequences": "which sequences to measure, counted from 0, such as 0,3,5:8 (default: the first four)",
    "--lags": "largest lag (default: half of a sequence, at least 100 and at most 500 steps as far as it reaches)",
    "--windows": "how many windows of that many steps to look at in each sequence (default: 3, fewer for several)",
    "--hops": "up to how many recurrent matrices paths are told apart exactly (default: 8)",
}
NO_FOLDERS = str.maketrans("/\\", "--")
NUMBERS = ("--lags", "--windows", "--hops")


def _arguments(parser: ArgumentParser) -> None:
    for name, about in ABOUT.items():
        if name in NUMBERS:
            parser.add_argument(name, type=int, metavar="N", help=about, default=8 if name == "--hops" else None)
        elif name == "model":
            parser.add_argument(name, metavar="MODEL", help=about)
        elif name == "--inputs":
            parser.add_argument(name, metavar="FILE", help=about, required=True)
        else:
            parser.add_argument(name, metavar=name.strip("-").upper(), help=about)
    parser.add_argument("--time-first", action="store_true", help="three axes are (steps, sequences, features)")
    parser.add_argument("--quick", action="store_true", help="random directions: seconds, and intervals, not exactly")
    parser.add_argument("--quiet", action="store_true", help="say nothing of the estimate and the progress")


def _run(arguments: Namespace) -> str:
    from whylstm.diagnosis.api import diagnose
    from whylstm.diagnosis.sequences import parsed

    name = arguments.name or Path(arguments.model).stem
    folder = Path(arguments.output or f"diagnosis-{name.translate(NO_FOLDERS)}")
    found = diagnose(
        arguments.model,
        arguments.inputs,
        batch_first=not arguments.time_first,
        cell=arguments.cell,
        nonlinearity=arguments.nonlinearity,
        prefix=arguments.prefix,
        array=arguments.array,
        lags=arguments.lags,
        windows=arguments.windows,
        hops=arguments.hops,
        select=None if arguments.sequences is None else parsed(arguments.sequences),
        name=name,
        output=folder,
        exact=not arguments.quick,
        verbose=not arguments.quiet,
    )
    return f"{found}\nThe page: {folder / 'index.html'}\n"


COMMAND = Command("Measure how your own recurrent network passes gradients back through time.", _arguments, _run)
