"""The compiled passes through time: forward, readout and backward for one model after the other, in one call.

What :mod:`whylstm.training.bptt` computes, for the cells of :mod:`whylstm.training.compiled_cells`. Shapes, of one
model: T steps, Np sequences (the N real ones, and zeros up to a multiple of 4), S drives of which the first R have a
recurrent matrix, H units in rows of Hp (zeros up to whole vectors), M = Np·Hp, inputs in rows of Dp: D
numbers, a one, zeros.

    tape (T, S+1, M)     the drives of a step, then what the cell's update makes of them
    h, c (T+1, M)        the state before and after each step; c is the memory, where there are two (T+1, 2M)
    delta (S, ring, M)   ∂E/∂drive of the last steps; U and W are given their share every ``ring`` steps
"""
# ruff: noqa: ANN001, ANN202 (numba infers the types)

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numba import njit

from whylstm.training import arithmetic, compiled_cells, dispatch, tile
from whylstm.training.arithmetic import INNER
from whylstm.training.dispatch import pull, update
from whylstm.training.tile import product

SMALLEST = 1e-20  # as in whylstm.training.omega

_jit = njit(**INNER)


@_jit
def _step(kind, x, UT, WT, own, tape, h, c, t):
    """Make step t of one model: all drives by matrix products, then the cell's update."""
    (_, count, features), (slots, depth, wide), hidden = x.shape, WT.shape, UT.shape[1]
    now, old, new, size = t % len(tape), t % len(h), (t + 1) % len(h), count * wide
    flat, u, w, g, s = x.reshape(-1), UT.reshape(-1), WT.reshape(-1), tape.reshape(-1), h.reshape(-1)
    for k in range(slots):
        at = (now * (slots + 1) + k) * size
        product(flat, t * count * features, features, 1, w, k * depth * wide, wide, g, at, wide, count, wide, depth, 0)
        if k < len(UT):
            product(s, old * size, wide, 1, u, k * hidden * wide, wide, g, at, wide, count, wide, hidden, 1)
    update(kind, tape[now], h[old], h[new], c[old], c[new], own)


@_jit
def _values(state, VT, v, slope):
    """Set ``slope`` (Np, Kp) to the readout V h + v of a state (M,)."""
    (count, wide), hidden, row = slope.shape, len(VT), len(state) // len(slope)
    for n in range(count):
        for k in range(wide):
            slope[n, k] = v[k]
    product(state, 0, row, 1, VT.reshape(-1), 0, wide, slope.reshape(-1), 0, wide, count, wide, hidden, 1)


@_jit
def _backward(kind, x, U, keep, omega_weight, read, work, found):
    """Return loss and Ω of one model, and add its gradient to those in ``found`` and ``read``."""
    tape, h, c, back, delta, slope, scaled, sums, dO = work
    dU, dX, own, d_own = found
    steps, ring, loss = len(x), delta.shape[1], 0.0
    _clear(back.reshape(-1))
    _clear(dO.reshape(-1))
    _clear(sums.reshape(-1))
    for t in range(steps - 1, -1, -1):
        if read[-1][t]:
            loss += _answered(h[t + 1], read[0][t], read, slope, back[0])
        if omega_weight != 0:
            _squared_sizes(back, sums[0])
        pull(kind, tape[t], h[t], h[t + 1], c[t], back, delta, t % ring, own, d_own)
        if keep[t] != 0:
            _through_matrices(U, delta, t % ring, back)
        if omega_weight != 0:
            _squared_sizes(back, sums[1])
            _omega(sums, max(read[1].shape[0], read[2].shape[0]), back, delta, t % ring, scaled, dO)
        if t % ring == 0:
            _accumulate(h, x, delta, t, min(ring, steps - t), dU, dX)
    if omega_weight == 0:
        return loss, np.nan
    number = max(sums[2, 1], 1.0)
    _add(dU.reshape(-1), omega_weight / number, dO.reshape(-1))
    return loss, sums[2, 0] / number


@_jit
def _clear(flat):
    for place in range(len(flat)):
        flat[place] = 0


@_jit
def _add(flat, factor, other):
    for place in range(len(flat)):
        flat[place] += factor * other[place]


@_jit
def _through_matrices(U, delta, place, back):
    """Add Σ_g U_gᵀ δ_g to the h part of ``back``."""
    (recurrent, hidden, wide), (_, ring, size) = U.shape, delta.shape
    d, u, out, count = delta.reshape(-1), U.reshape(-1), back.reshape(-1), size // wide
    for g in range(recurrent):
        at = (g * ring + place) * size
        product(d, at, wide, 1, u, g * hidden * wide, wide, out, 0, wide, count, wide, hidden, 1)


@_jit
def _accumulate(h, x, delta, t, steps, dU, dX):
    """Add to dU = Σ δ hᵀ and dX = Σ x δᵀ what the steps from t on give."""
    (slots, ring, size), (_, count, features), (_, rows, wide) = delta.shape, x.shape, dX.shape
    d, s, flat, depth = delta.reshape(-1), h.reshape(-1), x.reshape(-1), steps * count
    for g in range(slots):
        at = g * ring * size
        if g < len(dU):
            out = g * dU.shape[1] * wide
            product(d, at, 1, wide, s, t * size, wide, dU.reshape(-1), out, wide, dU.shape[1], wide, depth, 1)
        start, out = t * count * features, g * rows * wide
        product(flat, start, 1, features, d, at, wide, dX.reshape(-1), out, wide, rows, wide, depth, 1)


@_jit
def _answered(state, due, read, slope, back):
    """Return the loss of the answers that are due at a step; add its gradient to ``back``, dV and dv."""
    _, classes, values, V, VT, v, dV, dv, _ = read
    _values(state, VT, v, slope)
    loss = _cross_entropy(slope, due, classes, len(V)) if classes.size else _squared_error(slope, due, values)
    (count, columns), (outputs, wide) = slope.shape, V.shape
    for n in range(count):
        for k in range(columns):
            dv[k] += slope[n, k]
    flat = slope.reshape(-1)
    product(flat, 0, columns, 1, V.reshape(-1), 0, wide, back, 0, wide, count, wide, outputs, 1)
    product(flat, 0, 1, columns, state, 0, wide, dV.reshape(-1), 0, wide, len(dV), wide, count, 1)
    return loss


@_jit
def _cross_entropy(slope, due, targets, classes):
    """Turn logits (Np, Kp) into the gradient of the mean cross-entropy; return this step's share of the mean."""
    total, answers = 0.0, targets.size
    for n in range(len(slope)):
        if due[n] < 0:
            for k in range(classes):
                slope[n, k] = 0
            continue
        top, norm, right = slope[n, 0], 0.0, targets[n, due[n]]
        for k in range(1, classes):
            top = slope[n, k] if slope[n, k] > top else top
        total -= np.float64(slope[n, right] - top)
        for k in range(classes):
            slope[n, k] = np.exp(slope[n, k] - top)
            norm += slope[n, k]
        total += np.log(norm)
        for k in range(classes):
            slope[n, k] = (slope[n, k] / norm - (k == right)) / answers
    return total / answers


@_jit
def _squared_error(slope, due, targets):
    """Turn values (Np, Kp) into the gradient of the mean squared error; return this step's share of the mean."""
    total = 0.0
    for n in range(len(slope)):
        for k in range(targets.shape[2]):
            error = np.float64(slope[n, k] - targets[n, due[n], k]) if due[n] >= 0 else 0.0
            total += error * error
            slope[n, k] = 2 * error / targets.size
    return total / targets.size


@_jit
def _squared_sizes(back, sizes):
    """Set sizes (Np,) to ‖·‖² of each sequence's part of ``back``, over h and the memories.

    Eight sums side by side, so that the compiler can use vectors without a licence to take a sum in another order: the
    order stands here.
    """
    wide = back.shape[1] // len(sizes)
    h, c = back[0], back[1]
    for n in range(len(sizes)):
        s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
        for m in range(n * wide, (n + 1) * wide, 8):
            s0 += _squares(h[m], c[m])
            s1 += _squares(h[m + 1], c[m + 1])
            s2 += _squares(h[m + 2], c[m + 2])
            s3 += _squares(h[m + 3], c[m + 3])
            s4 += _squares(h[m + 4], c[m + 4])
            s5 += _squares(h[m + 5], c[m + 5])
            s6 += _squares(h[m + 6], c[m + 6])
            s7 += _squares(h[m + 7], c[m + 7])
        sizes[n] = ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
        if len(back) > 2:
            for m in range(n * wide, (n + 1) * wide):
                sizes[n] += np.float64(back[2, m]) * np.float64(back[2, m])


@_jit
def _squares(x, y):
    return np.float64(x) * np.float64(x) + np.float64(y) * np.float64(y)


@_jit
def _omega(sums, sequences, back, delta, place, scaled, dO):
    """Add one step to Ω (``sums[2, 0]``), to its number of terms (``sums[2, 1]``) and to its gradient dO."""
    recurrent, rows, wide = dO.shape
    for g in range(recurrent):
        for n in range(sums.shape[1]):
            ratio = np.sqrt(sums[1, n] / sums[0, n]) if sums[0, n] >= SMALLEST else 1.0
            if g == 0 and n < sequences and sums[0, n] >= SMALLEST:
                sums[2, 0] += (ratio - 1) ** 2
                sums[2, 1] += 1
            size = np.sqrt(sums[0, n] * sums[1, n])
            factor = scaled.dtype.type(2 * (ratio - 1) / size if size > 0 else 0.0)
            for m in range(n * wide, (n + 1) * wide):
                scaled[m] = factor * delta[g, place, m]
        flat, out = back.reshape(-1), g * rows * wide
        product(scaled, 0, 1, wide, flat, 0, wide, dO.reshape(-1), out, wide, rows, wide, len(scaled) // wide, 1)


@_jit
def _gradients(kind, data, weights, keep, omega_weight, work, out):
    """Write loss, Ω and gradient of every model into ``out``.

    Args:
        kind: which cell.
        data: x (Q, T, Np, Dp), answer (Q, T, Np) with the place of the answer that is due or -1, due (Q, T) where
            any is, classes (Q, N, A) and values (Q, N, A, K) (one of them empty, N = 0), reader (B,).
        weights: U (B, R, H, Hp), its transposes UT, WT (B, S, D+1, Hp), V (B, K, Hp), VT (B, H, Kp), v (B, Kp),
            and the cell's own numbers (B, E, M).
        keep: (B, T), 0 where h-edges are cut.
        omega_weight: (B,).
        work: tape, h, c, back (2 or 3, M), delta, slope (Np, Kp), scaled (M), sums (3, Np) float64, dO (R, H4, Hp).
        out: loss (B,), omega (B,), and zeroed dU (B, R, H4, Hp), dX (B, S, Dp, Hp), dV (B, K4, Hp), dv (B, Kp),
            d_own (B, E, M).
    """
    x, answer, due, classes, values, reader = data
    U, UT, WT, V, VT, v, own = weights
    loss, omega, dU, dX, dV, dv, d_own = out
    for b in range(len(reader)):
        q = reader[b]
        _clear(work[1][0])
        _clear(work[2][0])
        for t in range(x.shape[1]):
            _step(kind, x[q], UT[b], WT[b], own[b], work[0], work[1], work[2], t)
        read = answer[q], classes[q], values[q], V[b], VT[b], v[b], dV[b], dv[b], due[q]
        weight = omega_weight[b] if U.shape[1] else 0.0
        found = dU[b], dX[b], own[b], d_own[b]
        loss[b], omega[b] = _backward(kind, x[q], U[b], keep[b], weight, read, work, found)


@_jit
def _outputs(kind, x, answer, due, weights, work, out):
    """Write the readout of every model at the answers, (B, N, A, K), for one batch: x, answer, due without Q.

    ``weights`` are UT, WT, VT, v, own; ``work`` is tape, h, c, slope, with one step in the tape and two in h and c.
    """
    UT, WT, VT, v, own = weights
    tape, h, c, slope = work
    sequences = out.shape[1]
    for b in range(len(out)):
        _clear(h[0])
        _clear(c[0])
        for t in range(len(x)):
            _step(kind, x, UT[b], WT[b], own[b], tape, h, c, t)
            if due[t]:
                _values(h[(t + 1) % 2], VT[b], v[b], slope)
                for n in range(sequences):
                    for k in range(out.shape[3] if answer[t, n] >= 0 else 0):
                        out[b, n, answer[t, n], k] = slope[n, k]


def _sources() -> str:
    """Return a digest of the files that the compiled code is made from."""
    modules = [Path(file) for file in (__file__, arithmetic.__file__, dispatch.__file__, tile.__file__)]
    cells = sorted(path for folder in compiled_cells.__path__ for path in Path(folder).glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in (*modules, *cells))).hexdigest()


def _entrances(sources):
    """Return the two compiled functions, whose machine code is kept on disk under a key that has the sources in it.

    numba by itself goes on using old machine code when a function in *another* file has changed. It hashes the
    variables that a function closes over: so the digest of the sources is made one.
    """

    @njit(cache=True, nogil=True)
    def gradients(kind, data, weights, keep, omega_weight, work, out):
        if len(sources) > 0:
            _gradients(kind, data, weights, keep, omega_weight, work, out)

    @njit(cache=True, nogil=True)
    def outputs(kind, x, answer, due, weights, work, out):
        if len(sources) > 0:
            _outputs(kind, x, answer, due, weights, work, out)

    return gradients, outputs


gradients, outputs = _entrances(_sources())
