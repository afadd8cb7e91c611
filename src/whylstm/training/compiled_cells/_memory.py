"""What the LSTMs share: how the memory comes out, h = o tanh C, and the gradient on its way back."""
# ruff: noqa: ANN001, ANN202 (numba infers the types)

from __future__ import annotations

from whylstm.training.compiled_cells._loops import clear, jit, tanh_of


@jit
def exposed(h1, o, tanh_c, c1):
    """Write tanh C and h = o tanh C."""
    tanh_of(c1, tanh_c)
    for m in range(len(o)):
        h1[m] = o[m] * tanh_c[m]


@jit
def exposed_back(h, c, d_o, o, tanh_c):
    """Write δ_o, add what h hands to the memory, and clear h."""
    for m in range(len(o)):
        d_o[m] = h[m] * tanh_c[m] * o[m] * (1 - o[m])
    for m in range(len(o)):
        c[m] += h[m] * o[m] * (1 - tanh_c[m] * tanh_c[m])
    clear(h)


@jit
def gates_back(tape, c0, c, delta, place):
    """Write δ of the gates i, f and g, from λ of the memory."""
    i, f, g = tape[0], tape[1], tape[2]
    d_i, d_f, d_g = delta[0, place], delta[1, place], delta[2, place]
    for m in range(len(i)):
        d_i[m] = c[m] * g[m] * i[m] * (1 - i[m])
    for m in range(len(i)):
        d_f[m] = c[m] * c0[m] * f[m] * (1 - f[m])
    for m in range(len(i)):
        d_g[m] = c[m] * i[m] * (1 - g[m] * g[m])
