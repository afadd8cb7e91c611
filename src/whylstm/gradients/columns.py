"""The names of a lag profile's columns; they need neither torch nor numba."""

from __future__ import annotations

ARTICLE = ("article", "article_defect", "detour", "carousel", "detour_gap")
"""The article's own products, in order."""

SPECTRAL = ("spectral", "spectral_h_to_h", "spectral_residual")
"""Largest singular values of the whole and of its h → h block, and the relative residual that certifies them."""


TRUNCATION = ("truncation_error",)
"""By how many decades the norms may be off because rows were dropped."""


def columns(parts: tuple[str, ...], hops: int | None) -> list[str]:
    """Return the names of the norms that every cell with these parts has, in the order in which they are written.

    Args:
        parts: names of the parts of the state.
        hops: the largest number of recurrent matrices that is told apart; None for the carry (``hop_0``) alone.
    """
    blocks = [f"{old}_to_{new}" for new in parts for old in parts]
    told = ["hop_0"] if hops is None else [*(f"hop_{r}" for r in range(hops + 1)), "hop_rest"]
    return ["norm", *blocks, *told, *(f"carry_{part}_to_{part}" for part in parts)]
