"""Plain pointers inside numba's kernels, and the decorators of the kernels.

An array costs more than its numbers in a small loop: numba counts references to it, wraps negative indices around (and
then LLVM does not vectorise), and hands it on as seven values. A pointer is one value. Kernels that others call from
Python take arrays, and turn them into pointers once; a kernel that is called with a wrong offset reads foreign memory,
so offsets are made in few places and tests run every kernel on sizes that are no multiple of anything.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic as _numba_intrinsic
from numba.extending import models, register_model

_FLAGS: Any = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "nsz"}}
"""A product and a sum may be fused, and nothing more: the order of every sum stands in the code."""

_INNER: Any = {**_FLAGS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

kernel: Any = njit(forceinline=True, **_INNER)
"""The decorator of what is only called by other kernels, and often: it becomes a part of its caller."""

literal: Any = njit(forceinline=True, **{**_INNER, "fastmath": False})
"""The same for what must be computed as it is written: (x · 2**600) · 2**600 is not x · 2**1200."""

aside: Any = njit(**_INNER)
"""The same for what is long or seldom called: it is compiled once, wherever it is called from."""

intrinsic: Any = _numba_intrinsic
"""The decorator of what is written in LLVM's own terms; the first argument is numba's and is not passed."""

_I64 = ir.IntType(64)


class Pointer(types.Type):
    """Where numbers of a dtype lie."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        super().__init__(name=f"Pointer({dtype})")


@register_model(Pointer)
class _PointerModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Pointer) -> None:
        super().__init__(dmm, fe_type, element(fe_type.dtype).as_pointer())


def element(dtype: Any) -> ir.Type:
    """Return LLVM's type of a number."""
    return {types.float32: ir.FloatType(), types.float64: ir.DoubleType(), types.int64: _I64}[dtype]


@intrinsic
def raw(typingctx, record):
    """Return a named tuple with a pointer in place of every array (or None for None); the arrays must outlive it."""
    if record == types.none:
        return record(record), lambda context, builder, signature, args: args[0]
    kinds = [Pointer(kind.dtype) if isinstance(kind, types.Array) else kind for kind in record.types]
    target = types.NamedTuple(kinds, record.instance_class)

    def generate(context, builder, signature, args):
        members = []
        for number, kind in enumerate(record.types):
            member = builder.extract_value(args[0], number)
            if isinstance(kind, types.Array):
                member = context.make_array(kind)(context, builder, member).data
            members.append(member)
        return context.make_tuple(builder, target, members)

    return target(record), generate


@intrinsic
def itemsize(typingctx, pointer):
    """Return the bytes of one number, as a constant."""
    size = pointer.dtype.bitwidth // 8
    return types.intp(pointer), lambda context, builder, signature, args: ir.Constant(_I64, size)


@intrinsic
def peek(typingctx, pointer, offset):
    """Return one number; an offset is never wrapped around, so that LLVM vectorises the loop around it."""

    def generate(context, builder, signature, args):
        return builder.load(builder.gep(args[0], [args[1]]))

    return pointer.dtype(pointer, types.intp), generate


@intrinsic
def poke(typingctx, pointer, offset, value):
    """Write one number, in the pointer's dtype."""

    def generate(context, builder, signature, args):
        number = context.cast(builder, args[2], value, pointer.dtype)
        builder.store(number, builder.gep(args[0], [args[1]]))
        return context.get_dummy_value()

    return types.void(pointer, types.intp, value), generate


@intrinsic
def bits(typingctx, number):
    """Return the bits of a float64 number as a whole number."""
    return types.int64(types.float64), lambda context, builder, signature, args: builder.bitcast(args[0], _I64)


@intrinsic
def from_bits(typingctx, number):
    """Return the float64 number that has these bits."""
    kind = ir.DoubleType()
    return types.float64(types.int64), lambda context, builder, signature, args: builder.bitcast(args[0], kind)
