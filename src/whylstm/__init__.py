"""Why, and how far, does an LSTM keep gradients alive? Exact gradients of the whole recurrent state, measured."""

__version__ = "0.1.0"
