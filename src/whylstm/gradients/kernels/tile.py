"""The tile of a matrix product that is held in registers: two vectors of rows times a few columns.

A BLAS call for each of these small products reaches a half to two thirds of the processor's peak, because it copies its
operands into panels first. Here they lie in panels already, and a tile reaches nine tenths.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from whylstm.gradients.kernels.pointers import intrinsic
from whylstm.gradients.kernels.simd import LINE_BYTES, REGISTERS, Vector, emit_fma, emit_load, emit_splat, emit_store

COLUMNS = 8 if REGISTERS == 32 else 4
"""Columns of a tile; two sums for each, and a few registers are left for what is loaded."""


@intrinsic
def tile(typingctx, left, left_at, right, right_at, out, out_at, depth, add):
    """Multiply: out[j, :] = Σ_k left[k, :] · right[k, j] for the columns j of a tile.

    ``left`` and ``out`` are panels, ``right`` is made of lines, all three with the offset to begin at. ``depth`` is at
    least 1; ``add`` is 1 to add to what is there and 0 to replace it.
    """
    return _tile(left, right, out, 2)


@intrinsic
def half_tile(typingctx, left, left_at, right, right_at, out, out_at, depth, add):
    """Do the same with the first vector of the rows, and set the second one to zero."""
    return _tile(left, right, out, 1)


def _tile(left: Any, right: Any, out: Any, high: int) -> Any:
    """Return the signature and the code of a tile that is ``high`` vectors of rows high."""
    signature = types.void(left, types.intp, right, types.intp, out, types.intp, types.intp, types.intp)
    vector = Vector(left.dtype)

    def generate(context, builder, signature, args):
        starts = [builder.gep(args[n], [args[n + 1]]) for n in (0, 2, 4)]
        sums = _loop(builder, vector, starts, args[6], args[7], high)
        nothing = ir.Constant(vector.llvm, None)
        for number, value in enumerate(sums):
            place = _place(number, high)
            emit_store(builder, value, _moved(builder, starts[2], place * vector.lanes), vector)
            if high == 1:
                emit_store(builder, nothing, _moved(builder, starts[2], (place + 1) * vector.lanes), vector)
        return context.get_dummy_value()

    return signature, generate


def _place(number: int, high: int) -> int:
    """Return which vector of the panel a sum belongs to."""
    return 2 * (number // high) + number % high


def _loop(builder: Any, vector: Vector, starts: list[Any], depth: Any, add: Any, high: int) -> list[Any]:
    """Emit the loop over k and return the sums, ``high`` vectors for each column."""
    before, (adding, body, after) = builder.block, (builder.append_basic_block(name) for name in ("add", "k", "end"))
    builder.cbranch(builder.icmp_signed("!=", add, _constant(0)), adding, body)
    builder.position_at_end(adding)
    places = [_place(number, high) * vector.lanes for number in range(high * COLUMNS)]
    old = [emit_load(builder, _moved(builder, starts[2], place), vector) for place in places]
    builder.branch(body)
    builder.position_at_end(body)
    zero = ir.Constant(vector.llvm, None)
    fresh, loaded = [_constant(0), *starts[:2], *(zero for _ in old)], [_constant(0), *starts[:2], *old]
    variables = [builder.phi(value.type) for value in fresh]
    counter, left, right, *sums = variables
    sums = _step(builder, vector, left, right, sums, high)
    counter = builder.add(counter, _constant(1))
    left = _moved(builder, left, 2 * vector.lanes)
    right = _moved(builder, right, LINE_BYTES * 8 // vector.dtype.bitwidth)
    for variable, *values in zip(variables, fresh, loaded, [counter, left, right, *sums], strict=True):
        for value, block in zip(values, (before, adding, body), strict=True):
            variable.add_incoming(value, block)
    builder.cbranch(builder.icmp_signed("<", counter, depth), body, after)
    builder.position_at_end(after)
    return sums


def _step(builder: Any, vector: Vector, left: Any, right: Any, sums: list[Any], high: int) -> list[Any]:
    """Emit one k: the vectors of rows times one number of each column."""
    rows = [emit_load(builder, _moved(builder, left, n * vector.lanes), vector) for n in range(high)]
    new = []
    for column in range(COLUMNS):
        factor = emit_splat(builder, builder.load(_moved(builder, right, column)), vector)
        new += [emit_fma(builder, [row, factor, sums[high * column + n]], vector) for n, row in enumerate(rows)]
    return new


def _moved(builder: Any, pointer: Any, elements: int) -> Any:
    return builder.gep(pointer, [_constant(elements)])


def _constant(value: int) -> ir.Constant:
    return ir.Constant(ir.IntType(64), value)
