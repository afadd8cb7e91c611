"""Cells in words, for everything that shows them: figures, explorer."""

from __future__ import annotations

CELLS = {
    "lstm": "LSTM",
    "gru": "GRU",
    "tanh": "tanh RNN",
    "linear": "linear",
    "relu": "ReLU RNN",
    "orthogonal": "orthogonal RNN",
    "leaky": "leaky RNN",
    "lstm_1997": "LSTM of 1997",
    "lstm_peephole": "peephole LSTM",
    "lstm_coupled": "coupled LSTM",
    "janet": "JANET",
    "minlstm": "minLSTM",
    "mingru": "minGRU",
    "lru": "LRU",
    "slstm": "sLSTM",
    "mamba": "Mamba",
    "rglru": "RG-LRU",
    "linoss": "LinOSS",
    "linoss_imex": "LinOSS-IMEX",
    "para_lstm": "ParaLSTM",
    "para_gru": "ParaGRU",
    "attention": "attention",
}
"""What reads sequences, the main cells first; one that is not here keeps its name and comes last."""
