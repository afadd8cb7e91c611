"""Vectors of the processor's own width inside numba's kernels.

LLVM vectorises simple loops by itself, but keeps no tile of a product in registers, and does not see that rows lie side
by side. Everything here is LLVM's own vector arithmetic and works on any processor; only the width of a vector and the
number of registers are looked up. Offsets are counted in numbers, not in vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.registry import cpu_target
from numba.extending import models, register_model

from whylstm.gradients.kernels.pointers import element, intrinsic

TRIPLE, _, FEATURES = cpu_target.target_context.codegen().magic_tuple()
"""What numba compiles for; it is part of the key of numba's cache."""

VECTOR_BYTES = 64 if "+avx512f" in FEATURES else 32 if "+avx2" in FEATURES else 16
"""Bytes of the widest vector."""

REGISTERS = 32 if "+avx512f" in FEATURES or TRIPLE.startswith(("aarch64", "arm64")) else 16
"""Vectors that are held at once."""

LINE_BYTES = 64
"""Columns of the right factor of a product that lie side by side: a line of the cache."""


class Vector(types.Type):
    """One register full of numbers of a dtype."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        self.lanes = VECTOR_BYTES * 8 // dtype.bitwidth
        super().__init__(name=f"Vector({dtype}, {self.lanes})")

    @property
    def llvm(self) -> ir.VectorType:
        """LLVM's type of it."""
        return ir.VectorType(element(self.dtype), self.lanes)


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Vector) -> None:
        super().__init__(dmm, fe_type, fe_type.llvm)


def width(dtype: Any) -> int:
    """Return how many rows of a product form a panel: two vectors, whatever the dtype's size."""
    return 2 * VECTOR_BYTES // dtype.itemsize


def line(dtype: Any) -> int:
    """Return how many columns of the right factor lie side by side."""
    return LINE_BYTES // dtype.itemsize


@intrinsic
def lanes(typingctx, pointer):
    """Return the number of lanes of a vector of the pointer's dtype, as a constant."""
    count = Vector(pointer.dtype).lanes
    return types.intp(pointer), lambda context, builder, signature, args: ir.Constant(ir.IntType(64), count)


@intrinsic
def load(typingctx, pointer, offset):
    """Return the vector that starts at ``offset``."""
    vector = Vector(pointer.dtype)

    def generate(context, builder, signature, args):
        return emit_load(builder, builder.gep(args[0], [args[1]]), vector)

    return vector(pointer, types.intp), generate


@intrinsic
def store(typingctx, pointer, offset, vector):
    """Write a vector from ``offset`` on."""

    def generate(context, builder, signature, args):
        emit_store(builder, args[2], builder.gep(args[0], [args[1]]), vector)
        return context.get_dummy_value()

    return types.void(pointer, types.intp, vector), generate


@intrinsic
def splat(typingctx, pointer, offset):
    """Return a vector whose lanes all hold the number at ``offset``."""
    vector = Vector(pointer.dtype)

    def generate(context, builder, signature, args):
        return emit_splat(builder, builder.load(builder.gep(args[0], [args[1]])), vector)

    return vector(pointer, types.intp), generate


@intrinsic
def spread(typingctx, pointer, number):
    """Return a vector whose lanes all hold a float64 number, in the pointer's dtype; nothing is read."""
    vector = Vector(pointer.dtype)

    def generate(context, builder, signature, args):
        return emit_splat(builder, context.cast(builder, args[1], types.float64, vector.dtype), vector)

    return vector(pointer, types.float64), generate


@intrinsic
def fma(typingctx, one, other, addend):
    """Return one · other + addend, lane by lane."""
    return one(one, one, one), lambda context, builder, signature, args: emit_fma(builder, args, one)


@intrinsic
def product(typingctx, one, other):
    """Return one · other, lane by lane."""
    return one(one, one), lambda context, builder, signature, args: builder.fmul(*args)


@intrinsic
def added(typingctx, one, other):
    """Return one + other, lane by lane."""
    return one(one, one), lambda context, builder, signature, args: builder.fadd(*args)


@intrinsic
def across(typingctx, vector):
    """Return the sum of the lanes in the vector's dtype, in a fixed order."""

    def generate(context, builder, signature, args):
        value, count = args[0], vector.lanes
        while count > 1:
            count //= 2
            halves = [_part(builder, value, None, range(first, first + count)) for first in (0, count)]
            value = builder.fadd(*halves)
        return builder.extract_element(value, ir.Constant(ir.IntType(32), 0))

    return vector.dtype(vector), generate


@intrinsic
def store_sums(typingctx, pointer, offset, one, two, three, four):
    """Write the sums of the lanes of four vectors side by side: half the shuffles of four sums by themselves."""
    vector = Vector(pointer.dtype)

    def generate(context, builder, signature, args):
        place = builder.gep(args[0], [args[1]])
        for value in _sums(builder, list(args[2:])):
            lanes = value.type.count
            builder.store(value, builder.bitcast(place, value.type.as_pointer()), align=vector.dtype.bitwidth // 8)
            place = builder.gep(place, [ir.Constant(ir.IntType(64), lanes)])
        return context.get_dummy_value()

    return types.void(pointer, types.intp, vector, vector, vector, vector), generate


def _sums(builder: Any, vectors: list[Any]) -> list[Any]:
    """Emit the sums of vectors, put together as vectors of them.

    A vector holds segments that belong to different sums. Two vectors become one, with segments of half the length,
    and a single one becomes half as long, until a segment is one number.
    """
    size = vectors[0].type.count
    while size > 1:
        pairs = [(vectors[n], vectors[n + 1]) for n in range(0, len(vectors) - 1, 2)] or [(vectors[0], None)]
        count = vectors[0].type.count * (1 if pairs[0][1] is None else 2)
        halves = [[place for place in range(count) if place % size // (size // 2) == half] for half in (0, 1)]
        vectors = [builder.fadd(*(_part(builder, one, two, half) for half in halves)) for one, two in pairs]
        size //= 2
    return vectors


def _part(builder: Any, value: Any, other: Any, which: Sequence[int]) -> Any:
    """Emit a vector of chosen numbers of one vector and, behind it, another one."""
    mask = ir.Constant(ir.VectorType(ir.IntType(32), len(which)), list(which))
    return builder.shuffle_vector(value, value if other is None else other, mask)


def emit_load(builder: Any, pointer: Any, vector: Vector) -> Any:
    """Emit a load that need not be aligned."""
    return builder.load(builder.bitcast(pointer, vector.llvm.as_pointer()), align=vector.dtype.bitwidth // 8)


def emit_store(builder: Any, value: Any, pointer: Any, vector: Vector) -> None:
    """Emit a store that need not be aligned."""
    builder.store(value, builder.bitcast(pointer, vector.llvm.as_pointer()), align=vector.dtype.bitwidth // 8)


def emit_splat(builder: Any, value: Any, vector: Vector) -> Any:
    """Emit a vector whose lanes are all the same."""
    undefined = ir.Constant(vector.llvm, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(ir.IntType(32), vector.lanes), None))


def emit_fma(builder: Any, operands: Any, vector: Vector) -> Any:
    """Emit one · other + addend of three operands: fused where the processor can, else a product and a sum."""
    name = f"llvm.fmuladd.v{vector.lanes}f{vector.dtype.bitwidth}"
    function = builder.module.globals.get(name)
    if function is None:
        function = ir.Function(builder.module, ir.FunctionType(vector.llvm, [vector.llvm] * 3), name)
    return builder.call(function, operands)
