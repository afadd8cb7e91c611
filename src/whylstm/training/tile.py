"""A small matrix product, held in vector registers: the one piece of machine-near code, written as LLVM instructions.

A recurrent step multiplies matrices of 32 × 64 numbers or so, thousands of times, each result needed before the next.
There a BLAS spends much of its time on preparing; numba cannot keep a tile of results in registers by itself. So the
tile is emitted by hand: ``rows`` × ``vectors`` registers of results, each step along ``depth`` one broadcast number per
row, one load per vector, and a fused multiply-add for every pair.

The order of every sum is fixed by this file, and not by a library, a thread count or an address in memory.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

REGISTER = 64
"""Bytes in a vector. A processor with shorter ones splits it, with the same result."""

PLACE = ir.IntType(64)


def lanes(itemsize: int) -> int:
    """Return how many numbers of ``itemsize`` bytes are in a vector."""
    return REGISTER // itemsize


def _tile(rows: int, vectors: int) -> Any:
    """Return the intrinsic that computes one tile; arguments as in :func:`product`, for its upper left corner."""

    @intrinsic
    def tile(typing, a, a_at, a_row, a_col, b, b_at, b_row, c, c_at, c_row, depth, keep):  # noqa: ANN001, ANN202
        def emit(context: Any, build: ir.IRBuilder, signature: Any, args: tuple[Any, ...]) -> Any:
            def start(array: int, at: int) -> Any:
                data = context.make_array(signature.args[array])(context, build, args[array]).data
                return build.gep(data, [args[at]])

            pointers = start(0, 1), start(4, 5), start(7, 8)
            _Emitter(build, context.get_value_type(signature.args[0].dtype), rows, vectors).run(pointers, args)
            return context.get_dummy_value()

        return types.void(a, a_at, a_row, a_col, b, b_at, b_row, c, c_at, c_row, depth, keep), emit

    return tile


class _Emitter:
    """Writes the instructions of one tile."""

    def __init__(self, build: ir.IRBuilder, number: ir.Type, rows: int, vectors: int) -> None:
        self.build, self.number, self.rows, self.vectors = build, number, rows, vectors
        self.bytes = 8 if isinstance(number, ir.DoubleType) else 4
        self.vector = ir.VectorType(number, lanes(self.bytes))

    def run(self, pointers: tuple[Any, Any, Any], args: tuple[Any, ...]) -> None:
        a_row, a_col, b_row, c_row, depth, keep = (args[place] for place in (2, 3, 6, 9, 10, 11))
        a, b, c = pointers
        build = self.build
        results = [self.vector_at(self.moved(c, build.mul(c_row, PLACE(i))), j) for i, j in self.pairs()]
        first = self.kept(results, keep)
        left = [self.moved(a, build.mul(a_row, PLACE(i))) for i in range(self.rows)]
        before, body, after = build.block, build.append_basic_block("depth"), build.append_basic_block("done")
        build.cbranch(build.icmp_signed(">", depth, PLACE(0)), body, after)
        build.position_at_end(body)
        step, sums = build.phi(PLACE), [build.phi(self.vector) for _ in first]
        new = self.multiplied(sums, left, build.mul(step, a_col), self.moved(b, build.mul(step, b_row)))
        following = build.add(step, PLACE(1))
        build.cbranch(build.icmp_signed("<", following, depth), body, after)
        for phi, values in [(step, (PLACE(0), following)), *zip(sums, zip(first, new, strict=True), strict=True)]:
            phi.add_incoming(values[0], before)
            phi.add_incoming(values[1], body)
        build.position_at_end(after)
        ends = [self.joined(value, before, other, body) for value, other in zip(first, new, strict=True)]
        for pointer, value in zip(results, ends, strict=True):
            build.store(value, pointer, align=self.bytes)

    def pairs(self) -> list[tuple[int, int]]:
        return [(i, j) for i in range(self.rows) for j in range(self.vectors)]

    def moved(self, pointer: Any, offset: Any) -> Any:
        return self.build.gep(pointer, [offset])

    def vector_at(self, pointer: Any, place: int) -> Any:
        moved = self.moved(pointer, PLACE(place * self.vector.count))
        return self.build.bitcast(moved, self.vector.as_pointer())

    def joined(self, one: Any, one_block: Any, other: Any, other_block: Any) -> Any:
        phi = self.build.phi(self.vector)
        phi.add_incoming(one, one_block)
        phi.add_incoming(other, other_block)
        return phi

    def kept(self, results: list[Any], keep: Any) -> list[Any]:
        """Return what the sums start from: the old results if ``keep``, else zeros."""
        build, without = self.build, self.build.block
        zero = ir.Constant(self.vector, [ir.Constant(self.number, 0.0)] * self.vector.count)
        with build.if_then(build.icmp_signed("!=", keep, PLACE(0))):
            loaded = [build.load(pointer, align=self.bytes) for pointer in results]
            within = build.block
        return [self.joined(value, within, zero, without) for value in loaded]

    def multiplied(self, sums: list[Any], left: list[Any], offset: Any, right: Any) -> list[Any]:
        """Return the sums with one more step of depth in each: row i, vector j gets a[i] · b[j]."""
        build = self.build
        vectors = [build.load(self.vector_at(right, j), align=self.bytes) for j in range(self.vectors)]
        factors = [self.spread(build.load(self.moved(pointer, offset))) for pointer in left]
        terms = [(factors[i], vectors[j]) for i, j in self.pairs()]
        kind = ir.FunctionType(self.vector, [self.vector] * 3)
        name = f"llvm.fma.v{self.vector.count}f{8 * self.bytes}"
        fused = cgutils.get_or_insert_function(build.module, kind, name)
        return [build.call(fused, (*pair, total)) for pair, total in zip(terms, sums, strict=True)]

    def spread(self, value: Any) -> Any:
        """Return a vector with the number in every lane."""
        nothing = ir.Constant(self.vector, ir.Undefined)
        one = self.build.insert_element(nothing, value, ir.IntType(32)(0))
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), self.vector.count), [0] * self.vector.count)
        return self.build.shuffle_vector(one, nothing, everywhere)


_tile_8x2, _tile_8x1, _tile_4x2, _tile_4x1 = _tile(8, 2), _tile(8, 1), _tile(4, 2), _tile(4, 1)


@njit(nogil=True)
def product(a, a_at, a_row, a_col, b, b_at, b_row, c, c_at, c_row, rows, columns, depth, keep):  # noqa: ANN001, ANN201
    """Set C = A B, or C += A B if ``keep`` is not 0, for pieces of flat arrays of one type, float32 or float64.

    A[i, k] = a[a_at + i a_row + k a_col], B[k, j] = b[b_at + k b_row + j], C[i, j] = c[c_at + i c_row + j], for i below
    ``rows``, a multiple of 4, j below ``columns``, a multiple of :func:`lanes`, k below ``depth``; no bound is checked.
    """
    lane = REGISTER // a.itemsize
    for j in range(0, columns, 2 * lane):
        wide = columns - j >= 2 * lane
        right, out = b_at + j, c_at + j
        for i in range(0, rows - 4, 8):
            left, here = a_at + i * a_row, out + i * c_row
            if wide:
                _tile_8x2(a, left, a_row, a_col, b, right, b_row, c, here, c_row, depth, keep)
            else:
                _tile_8x1(a, left, a_row, a_col, b, right, b_row, c, here, c_row, depth, keep)
        if rows % 8:
            left, here = a_at + (rows - 4) * a_row, out + (rows - 4) * c_row
            if wide:
                _tile_4x2(a, left, a_row, a_col, b, right, b_row, c, here, c_row, depth, keep)
            else:
                _tile_4x1(a, left, a_row, a_col, b, right, b_row, c, here, c_row, depth, keep)
