"""The cell of ``tanh``; only its first weights are others."""

from whylstm.training.compiled_cells.tanh import KERNEL

__all__ = ["KERNEL"]
