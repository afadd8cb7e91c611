"""Figures: one file each, found by its name; tidy tables and judged claims in, a picture with its words out."""

from whylstm.figures.base import Figure, load, make, names

__all__ = ["Figure", "load", "make", "names"]
