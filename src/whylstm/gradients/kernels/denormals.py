"""Numbers below the normal range cost a hundred cycles each on x86; inside the kernels they are written as zero."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from whylstm.gradients.kernels.pointers import intrinsic
from whylstm.gradients.kernels.simd import TRIPLE

_FLUSH = 0x8000
"""The bit of the control register MXCSR that writes denormal results as zero."""

_X86 = TRIPLE.startswith("x86_64")


@intrinsic
def flush_denormals(typingctx):
    """Have this thread write denormal results as zero, and return its former setting; nothing is done but on x86."""

    def generate(context, builder, signature, args):
        if not _X86:
            return ir.Constant(ir.IntType(32), 0)
        slot = cgutils.alloca_once(builder, ir.IntType(32))
        _call(builder, "llvm.x86.sse.stmxcsr", slot)
        former = builder.load(slot)
        builder.store(builder.or_(former, ir.Constant(ir.IntType(32), _FLUSH)), slot)
        _call(builder, "llvm.x86.sse.ldmxcsr", slot)
        return former

    return types.uint32(), generate


@intrinsic
def restore_denormals(typingctx, former):
    """Bring back the setting that :func:`flush_denormals` returned."""

    def generate(context, builder, signature, args):
        if _X86:
            slot = cgutils.alloca_once_value(builder, args[0])
            _call(builder, "llvm.x86.sse.ldmxcsr", slot)
        return context.get_dummy_value()

    return types.void(types.uint32), generate


def _call(builder: Any, name: str, slot: Any) -> None:
    byte = ir.IntType(8).as_pointer()
    function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.VoidType(), [byte]), name)
    builder.call(function, [builder.bitcast(slot, byte)])
