"""The two losses and their gradients, compiled: one model at a time, answer by answer, sums in float64."""
# ruff: noqa: ANN001, ANN201 (numba infers the types of its kernels)

import numpy as np
from numba import njit

_jit = njit(cache=True, nogil=True, error_model="numpy")


@_jit
def cross_entropy(values, targets, slope):
    """Return the mean of -ln softmax(values)[target] and write its gradient; values (M, K), targets (M,)."""
    answers, classes = values.shape
    total = 0.0
    for row in range(answers):
        top = values[row].max()
        norm = 0.0
        for place in range(classes):
            norm += np.exp(np.float64(values[row, place] - top))
        total += np.log(norm) - np.float64(values[row, targets[row]] - top)
        for place in range(classes):
            share = np.exp(np.float64(values[row, place] - top)) / norm
            slope[row, place] = (share - (place == targets[row])) / answers
    return total / answers


@_jit
def squared_error(values, targets, slope):
    """Return the mean of (values - targets)² and write its gradient; both (M, K)."""
    total = 0.0
    for row in range(values.shape[0]):
        for place in range(values.shape[1]):
            error = np.float64(values[row, place]) - np.float64(targets[row, place])
            total += error * error
            slope[row, place] = 2 * error / values.size
    return total / values.size
