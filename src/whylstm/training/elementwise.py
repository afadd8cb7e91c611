"""The elementwise work of some cells, compiled: what a step does with its drives, and the way back.

The same equations as in :mod:`whylstm.cells`, held against them by a test. ``update`` turns the drives of a step into
gates, in place, and writes the new state. ``pull`` takes λ of the new state in ``back`` (rows: h, then the memory c;
for sLSTM also n, which stands after c in ``c0`` and ``c1``),
leaves there what carry hands to the old state, and writes δ, the gradient of every drive.

The drives stand in the order of the cell's gates and see r + a, but for some cells: the GRU's are q, z, r_n and a_n
(its reset gate stands between the last two), and those of minLSTM, minGRU and the LRU see a alone. The LRU's memory c
is Im x. A cell's own numbers ``own`` (E, M), a unit's once for every sequence, are |λ| cos θ, |λ| sin θ and γ for the
LRU, p_i, p_f and p_o for peepholes, α and β for leaky units and JANET; their gradient is added up in ``d_own`` (but not
that of α and β, which are not trained).

Every loop writes a single array, and reads others or that one alone: the compiler then checks that arrays do not
overlap, and uses vectors.
"""
# ruff: noqa: ANN001, ANN201, ANN202 (numba infers the types)

from __future__ import annotations

from numba import njit

from whylstm.training.arithmetic import INNER, exp, logistic, tanh

TANH, RELU, LINEAR, LSTM, GRU, MINLSTM, LRU, LEAKY, JANET, MINGRU, COUPLED, LSTM_1997, PEEPHOLE, SLSTM = range(14)

_jit = njit(**INNER)


@_jit
def update(kind, tape, h0, h1, c0, c1, own):
    """Make gates of the drives in ``tape`` (S+1, M), whose last row is free, and write the new state (M,)."""
    if kind == TANH:
        _tanh_of(tape[0], h1)
    elif kind == RELU:
        _positive_of(tape[0], h1)
    elif kind == LINEAR:
        _copy(tape[0], h1)
    elif kind == LSTM:
        _lstm(tape, h1, c0, c1)
    elif kind == GRU:
        _gru(tape, h0, h1)
    elif kind == MINLSTM:
        _minlstm(tape, h0, h1)
    elif kind == LRU:
        _lru(tape, h0, h1, c0, c1, own)
    else:
        _update_more(kind, tape, h0, h1, c0, c1, own)


@_jit
def _update_more(kind, tape, h0, h1, c0, c1, own):
    if kind == LEAKY:
        _leaky(tape[0], h0, h1, own[0])
    elif kind == JANET:
        _janet(tape, h0, h1, own[0])
    elif kind == MINGRU:
        _mingru(tape, h0, h1)
    elif kind == COUPLED:
        _coupled(tape, h1, c0, c1)
    elif kind == LSTM_1997:
        _lstm_1997(tape, h1, c0, c1)
    elif kind == PEEPHOLE:
        _peephole(tape, h1, c0, c1, own)
    elif kind == SLSTM:
        _slstm(tape, h1, c0, c1)


@_jit
def pull(kind, tape, h0, h1, c0, back, delta, place, own, d_own):
    """Write δ into ``delta[:, place]`` (S, M) and leave in ``back`` (2, M) what carry hands to the old state."""
    if kind == TANH:
        _tanh_back(h1, back[0], delta[0, place])
    elif kind == RELU:
        _positive_back(h1, back[0], delta[0, place])
    elif kind == LINEAR:
        _copy(back[0], delta[0, place])
        _clear(back[0])
    elif kind == LSTM:
        _lstm_back(tape, c0, back[0], back[1], delta, place)
    elif kind == GRU:
        _gru_back(tape, h0, back[0], delta, place)
    elif kind == MINLSTM:
        _minlstm_back(tape, h0, back[0], delta, place)
    elif kind == LRU:
        _lru_back(tape, h0, c0, back, delta, place, own, d_own)
    else:
        _pull_more(kind, tape, h0, c0, back, delta, place, own, d_own)


@_jit
def _pull_more(kind, tape, h0, c0, back, delta, place, own, d_own):
    if kind == LEAKY:
        _leaky_back(tape[0], back[0], delta[0, place], own[0])
    elif kind == JANET:
        _janet_back(tape, h0, back[0], delta, place)
    elif kind == MINGRU:
        _mingru_back(tape, h0, back[0], delta, place)
    elif kind == COUPLED:
        _coupled_back(tape, c0, back[0], back[1], delta, place)
    elif kind == LSTM_1997:
        _lstm_1997_back(tape, back[0], back[1], delta, place)
    elif kind == PEEPHOLE:
        _peephole_back(tape, c0, back[0], back[1], delta, place, own, d_own)
    elif kind == SLSTM:
        _slstm_back(tape, c0, back, delta, place)


@_jit
def _exposed(h1, o, tanh_c, c1):
    """Write tanh C and h = o tanh C."""
    _tanh_of(c1, tanh_c)
    for m in range(len(o)):
        h1[m] = o[m] * tanh_c[m]


@_jit
def _exposed_back(h, c, d_o, o, tanh_c):
    """Write δ_o, add what h hands to the memory, and clear h."""
    for m in range(len(o)):
        d_o[m] = h[m] * tanh_c[m] * o[m] * (1 - o[m])
    for m in range(len(o)):
        c[m] += h[m] * o[m] * (1 - tanh_c[m] * tanh_c[m])
    _clear(h)


@_jit
def _gates_back(tape, c0, c, delta, place):
    """Write δ of the gates i, f and g, from λ of the memory."""
    i, f, g = tape[0], tape[1], tape[2]
    d_i, d_f, d_g = delta[0, place], delta[1, place], delta[2, place]
    for m in range(len(i)):
        d_i[m] = c[m] * g[m] * i[m] * (1 - i[m])
    for m in range(len(i)):
        d_f[m] = c[m] * c0[m] * f[m] * (1 - f[m])
    for m in range(len(i)):
        d_g[m] = c[m] * i[m] * (1 - g[m] * g[m])


@_jit
def _lstm(tape, h1, c0, c1):
    i, f, g, o = tape[0], tape[1], tape[2], tape[3]
    _logistic_in(i)
    _logistic_in(f)
    _tanh_in(g)
    _logistic_in(o)
    for m in range(len(i)):
        c1[m] = f[m] * c0[m] + i[m] * g[m]
    _exposed(h1, o, tape[4], c1)


@_jit
def _lstm_back(tape, c0, h, c, delta, place):
    f, o = tape[1], tape[3]
    _exposed_back(h, c, delta[3, place], o, tape[4])
    _gates_back(tape, c0, c, delta, place)
    for m in range(len(f)):
        c[m] *= f[m]


@_jit
def _coupled(tape, h1, c0, c1):
    f, g, o = tape[0], tape[1], tape[2]
    _logistic_in(f)
    _tanh_in(g)
    _logistic_in(o)
    for m in range(len(f)):
        c1[m] = f[m] * c0[m] + (1 - f[m]) * g[m]
    _exposed(h1, o, tape[3], c1)


@_jit
def _coupled_back(tape, c0, h, c, delta, place):
    f, g, o = tape[0], tape[1], tape[2]
    d_f, d_g = delta[0, place], delta[1, place]
    _exposed_back(h, c, delta[2, place], o, tape[3])
    for m in range(len(f)):
        d_f[m] = c[m] * (c0[m] - g[m]) * f[m] * (1 - f[m])
    for m in range(len(f)):
        d_g[m] = c[m] * (1 - f[m]) * (1 - g[m] * g[m])
    for m in range(len(f)):
        c[m] *= f[m]


@_jit
def _lstm_1997(tape, h1, c0, c1):
    i, g, o = tape[0], tape[1], tape[2]
    _logistic_in(i)
    _tanh_in(g)
    _logistic_in(o)
    for m in range(len(i)):
        c1[m] = c0[m] + i[m] * g[m]
    _exposed(h1, o, tape[3], c1)


@_jit
def _lstm_1997_back(tape, h, c, delta, place):
    i, g, o = tape[0], tape[1], tape[2]
    d_i, d_g = delta[0, place], delta[1, place]
    _exposed_back(h, c, delta[2, place], o, tape[3])
    for m in range(len(i)):
        d_i[m] = c[m] * g[m] * i[m] * (1 - i[m])
    for m in range(len(i)):
        d_g[m] = c[m] * i[m] * (1 - g[m] * g[m])


@_jit
def _peephole(tape, h1, c0, c1, own):
    i, f, g, o = tape[0], tape[1], tape[2], tape[3]
    _add_product(i, own[0], c0)
    _add_product(f, own[1], c0)
    _logistic_in(i)
    _logistic_in(f)
    _tanh_in(g)
    for m in range(len(i)):
        c1[m] = f[m] * c0[m] + i[m] * g[m]
    _add_product(o, own[2], c1)
    _logistic_in(o)
    _exposed(h1, o, tape[4], c1)


@_jit
def _peephole_back(tape, c0, h, c, delta, place, own, d_own):
    i, f, g, o = tape[0], tape[1], tape[2], tape[3]
    d_i, d_f, d_o = delta[0, place], delta[1, place], delta[3, place]
    _exposed_back(h, c, d_o, o, tape[4])
    _add_product(c, own[2], d_o)
    _gates_back(tape, c0, c, delta, place)
    _add_product(d_own[0], d_i, c0)
    _add_product(d_own[1], d_f, c0)
    for m in range(len(i)):
        d_own[2, m] += d_o[m] * (f[m] * c0[m] + i[m] * g[m])
    for m in range(len(i)):
        c[m] = c[m] * f[m] + d_i[m] * own[0, m] + d_f[m] * own[1, m]


@_jit
def _slstm(tape, h1, c0, c1):
    i, f, z, o, mean = tape[0], tape[1], tape[2], tape[3], tape[4]
    old, before, new, after = c0[: len(i)], c0[len(i) :], c1[: len(i)], c1[len(i) :]
    for m in range(len(i)):
        i[m] = exp(i[m])
    _logistic_in(f)
    _tanh_in(z)
    _logistic_in(o)
    for m in range(len(i)):
        new[m] = f[m] * old[m] + i[m] * z[m]
    for m in range(len(i)):
        after[m] = f[m] * before[m] + i[m]
    for m in range(len(i)):
        mean[m] = new[m] / after[m]
    for m in range(len(i)):
        h1[m] = o[m] * mean[m]


@_jit
def _slstm_back(tape, c0, back, delta, place):
    i, f, z, o, mean = tape[0], tape[1], tape[2], tape[3], tape[4]
    d_i, d_f, d_z, d_o = delta[0, place], delta[1, place], delta[2, place], delta[3, place]
    h, c, n = back[0], back[1], back[2]
    old, before = c0[: len(i)], c0[len(i) :]
    for m in range(len(i)):
        d_o[m] = h[m] * mean[m] * o[m] * (1 - o[m])
    for m in range(len(i)):
        h[m] *= o[m] / (f[m] * before[m] + i[m])
    for m in range(len(i)):
        c[m] += h[m]
    for m in range(len(i)):
        n[m] -= h[m] * mean[m]
    for m in range(len(i)):
        d_i[m] = i[m] * (c[m] * z[m] + n[m])
    for m in range(len(i)):
        d_f[m] = f[m] * (1 - f[m]) * (c[m] * old[m] + n[m] * before[m])
    for m in range(len(i)):
        d_z[m] = c[m] * i[m] * (1 - z[m] * z[m])
    for m in range(len(i)):
        c[m] *= f[m]
    for m in range(len(i)):
        n[m] *= f[m]
    _clear(h)


@_jit
def _add_product(total, a, b):
    for m in range(len(total)):
        total[m] += a[m] * b[m]


@_jit
def _leaky(y, h0, h1, alpha):
    _tanh_in(y)
    for m in range(len(y)):
        h1[m] = (1 - alpha[m]) * h0[m] + alpha[m] * y[m]


@_jit
def _leaky_back(y, h, delta, alpha):
    for m in range(len(y)):
        delta[m] = h[m] * alpha[m] * (1 - y[m] * y[m])
    for m in range(len(y)):
        h[m] *= 1 - alpha[m]


@_jit
def _janet(tape, h0, h1, beta):
    f, g, i = tape[0], tape[1], tape[2]
    for m in range(len(f)):
        i[m] = beta[m] - f[m]
    _logistic_in(i)
    _logistic_in(f)
    _tanh_in(g)
    for m in range(len(f)):
        h1[m] = f[m] * h0[m] + i[m] * g[m]


@_jit
def _janet_back(tape, h0, h, delta, place):
    f, g, i = tape[0], tape[1], tape[2]
    d_f, d_g = delta[0, place], delta[1, place]
    for m in range(len(f)):
        d_f[m] = h[m] * (h0[m] * f[m] * (1 - f[m]) - g[m] * i[m] * (1 - i[m]))
    for m in range(len(f)):
        d_g[m] = h[m] * i[m] * (1 - g[m] * g[m])
    for m in range(len(f)):
        h[m] *= f[m]


@_jit
def _mingru(tape, h0, h1):
    z, n = tape[0], tape[1]
    _logistic_in(z)
    for m in range(len(z)):
        h1[m] = z[m] * h0[m] + (1 - z[m]) * n[m]


@_jit
def _mingru_back(tape, h0, h, delta, place):
    z, n = tape[0], tape[1]
    d_z, d_n = delta[0, place], delta[1, place]
    for m in range(len(z)):
        d_z[m] = h[m] * (h0[m] - n[m]) * z[m] * (1 - z[m])
    for m in range(len(z)):
        d_n[m] = h[m] * (1 - z[m])
    for m in range(len(z)):
        h[m] *= z[m]


@_jit
def _gru(tape, h0, h1):
    q, z, r, n = tape[0], tape[1], tape[2], tape[3]
    _logistic_in(q)
    _logistic_in(z)
    for m in range(len(q)):
        n[m] += q[m] * r[m]
    _tanh_in(n)
    for m in range(len(q)):
        h1[m] = (1 - z[m]) * n[m] + z[m] * h0[m]


@_jit
def _gru_back(tape, h0, h, delta, place):
    q, z, r, n = tape[0], tape[1], tape[2], tape[3]
    d_q, d_z, d_r, d_n = delta[0, place], delta[1, place], delta[2, place], delta[3, place]
    for m in range(len(q)):
        d_n[m] = h[m] * (1 - z[m]) * (1 - n[m] * n[m])
    for m in range(len(q)):
        d_r[m] = d_n[m] * q[m]
    for m in range(len(q)):
        d_q[m] = d_n[m] * r[m] * q[m] * (1 - q[m])
    for m in range(len(q)):
        d_z[m] = h[m] * (h0[m] - n[m]) * z[m] * (1 - z[m])
    for m in range(len(q)):
        h[m] *= z[m]


@_jit
def _minlstm(tape, h0, h1):
    f, i, n, share = tape[0], tape[1], tape[2], tape[3]
    _logistic_in(f)
    _logistic_in(i)
    for m in range(len(f)):
        share[m] = f[m] / (f[m] + i[m])
    for m in range(len(f)):
        h1[m] = share[m] * h0[m] + (1 - share[m]) * n[m]


@_jit
def _minlstm_back(tape, h0, h, delta, place):
    f, i, n, share = tape[0], tape[1], tape[2], tape[3]
    d_f, d_i, d_n = delta[0, place], delta[1, place], delta[2, place]
    for m in range(len(f)):
        d_f[m] = h[m] * (h0[m] - n[m]) * share[m] * (1 - share[m])
    for m in range(len(f)):
        d_i[m] = -d_f[m] * (1 - i[m])
    for m in range(len(f)):
        d_f[m] *= 1 - f[m]
    for m in range(len(f)):
        d_n[m] = h[m] * (1 - share[m])
    for m in range(len(f)):
        h[m] *= share[m]


@_jit
def _lru(tape, h0, h1, c0, c1, own):
    real, imaginary, gain = own[0], own[1], own[2]
    _weighted(real, h0, imaginary, c0, gain, tape[0], h1, -1)
    _weighted(real, c0, imaginary, h0, gain, tape[1], c1, 1)


@_jit
def _weighted(real, x, imaginary, y, gain, a, out, sign):
    for u in range(len(out)):
        out[u] = real[u] * x[u] + sign * imaginary[u] * y[u] + gain[u] * a[u]


@_jit
def _lru_back(tape, h0, c0, back, delta, place, own, d_own):
    real, imaginary, gain = own[0], own[1], own[2]
    h, c, kept = back[0], back[1], tape[2]
    _add_products(d_own[0], h, h0, c, c0, 1)
    _add_products(d_own[1], c, h0, h, c0, -1)
    _add_products(d_own[2], h, tape[0], c, tape[1], 1)
    _scaled(gain, h, delta[0, place])
    _scaled(gain, c, delta[1, place])
    _turned(real, h, imaginary, c, kept, 1)
    _turned_in(real, c, imaginary, h, -1)
    _copy(kept, h)


@_jit
def _add_products(total, a, b, c, d, sign):
    for u in range(len(total)):
        total[u] += a[u] * b[u] + sign * c[u] * d[u]


@_jit
def _scaled(gain, x, out):
    for u in range(len(out)):
        out[u] = gain[u] * x[u]


@_jit
def _turned(real, x, imaginary, y, out, sign):
    for u in range(len(out)):
        out[u] = real[u] * x[u] + sign * imaginary[u] * y[u]


@_jit
def _turned_in(real, x, imaginary, y, sign):
    for u in range(len(x)):
        x[u] = real[u] * x[u] + sign * imaginary[u] * y[u]


@_jit
def _tanh_back(h1, h, delta):
    for m in range(len(h)):
        delta[m] = h[m] * (1 - h1[m] * h1[m])
    _clear(h)


@_jit
def _positive_back(h1, h, delta):
    for m in range(len(h)):
        delta[m] = h[m] if h1[m] > 0 else 0
    _clear(h)


@_jit
def _positive_of(x, out):
    for m in range(len(x)):
        out[m] = 0 if x[m] < 0 else x[m]  # NaN stays NaN


@_jit
def _clear(x):
    for m in range(len(x)):
        x[m] = 0


@_jit
def _copy(x, out):
    for m in range(len(x)):
        out[m] = x[m]


@_jit
def _tanh_of(x, out):
    for m in range(len(x)):
        out[m] = tanh(x[m])


@_jit
def _tanh_in(x):
    for m in range(len(x)):
        x[m] = tanh(x[m])


@_jit
def _logistic_in(x):
    for m in range(len(x)):
        x[m] = logistic(x[m])
