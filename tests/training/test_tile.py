"""The tile: equal to numpy's product for every size it is made for, and nothing is written beside the result."""

import itertools

import numpy as np
import pytest

from whylstm.streams import stream
from whylstm.training.tile import lanes, product

SPACE = 3  # numbers between the rows, which must not change


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", [4, 8, 12, 20])
def test_a_product_is_that_of_numpy(rows, dtype):
    rng, lane = stream(1, "tile", rows=rows), lanes(np.dtype(dtype).itemsize)
    for vectors, depth, keep, turned in itertools.product((1, 2, 3, 5), (0, 1, 7, 64), (0, 1), (False, True)):
        columns = vectors * lane
        a = rng.standard_normal((rows, depth)).astype(dtype)
        b = rng.standard_normal((depth, columns + SPACE)).astype(dtype)
        c = rng.standard_normal((rows, columns + SPACE)).astype(dtype)
        want = c.astype(np.float64)
        want[:, :columns] = keep * want[:, :columns] + a.astype(np.float64) @ b[:, :columns]
        flat, steps = (np.ascontiguousarray(a.T).ravel(), (1, rows)) if turned else (a.ravel(), (depth, 1))
        product(flat, 0, *steps, b.ravel(), 0, b.shape[1], c.ravel(), 0, c.shape[1], rows, columns, depth, keep)
        # sums of at most 65 terms of order one
        np.testing.assert_allclose(c, want, atol=65 * 4 * np.finfo(dtype).eps)
        np.testing.assert_array_equal(c[:, columns:], want[:, columns:].astype(dtype))


def test_pieces_of_arrays():
    """Offsets: the product of two inner pieces, written into a third."""
    rng, lane = stream(1, "tile offsets"), lanes(8)
    a, b, c = (rng.standard_normal(400 + 10 * lane) for _ in range(3))
    before = c.copy()
    product(a, 5, 6, 1, b, 7, lane + 2, c, 11, lane + 1, 4, lane, 6, 0)
    left = a[5 : 5 + 24].reshape(4, 6)
    right = np.stack([b[7 + k * (lane + 2) :][:lane] for k in range(6)])
    inside = (11 + np.arange(4)[:, None] * (lane + 1) + np.arange(lane)).ravel()
    np.testing.assert_allclose(c[inside], (left @ right).ravel(), atol=1e-14)  # sums of 6 terms of order one
    outside = np.setdiff1d(np.arange(len(c)), inside)
    np.testing.assert_array_equal(c[outside], before[outside])
