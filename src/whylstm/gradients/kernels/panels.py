"""One lag further back: every product times J, panel by panel, and the sums of squares of its rows on the way.

    total   P' = P K + P R
    hop r   P_r' = P_r K + P_{r-1} R            r = 1 ... n; P_0, the carry alone, is a set of diagonals
    rest    P' = P K + (P + P_n) R

Members are visited from the last to the first, so that each finds the one below as it was.
"""

from __future__ import annotations

from whylstm.gradients.kernels.pointers import aside, itemsize, kernel, peek, poke
from whylstm.gradients.kernels.ranges import panel_at, panels_in, row_of, settle, shift_blocks
from whylstm.gradients.kernels.scalars import ZERO, clear, power_of_two, times_power
from whylstm.gradients.kernels.simd import LINE_BYTES, fma, lanes, load, product, splat, spread, store
from whylstm.gradients.kernels.tile import COLUMNS, half_tile, tile


@aside
def start(stack, shape, ones):
    """Set the first ``ones`` members to the identity and all others to zero."""
    wide, rows = 2 * lanes(stack.data), shape.members * shape.parts
    clear(stack.data, 0, panel_at(stack, shape, rows * shape.panels + 2))
    clear(stack.square, 0, rows * shape.parts)
    for row in range(rows):
        poke(stack.scale, row, 0 if row < ones * shape.parts else ZERO)
        poke(stack.live, row, -(-shape.hidden // lanes(stack.data)))
    for row in range(ones * shape.parts):
        part = row % shape.parts
        poke(stack.square, row * shape.parts + part, shape.hidden)
        for unit in range(shape.hidden):
            base = panel_at(stack, shape, peek(stack.slots, row * shape.panels + unit // wide))
            poke(stack.data, base + (part * shape.padded + unit) * wide + unit % wide, 1.0)


@kernel
def advance(stack, carried, step, carry_index, shape):
    """Take all members one lag further; ``carried`` is P_0 as it was before this lag."""
    for row in range(shape.members * shape.parts):
        if peek(stack.scale, row) > ZERO:
            shift_blocks(stack, step, shape, row)
    for member in range(shape.members - 1, -1, -1):
        for part in range(shape.parts):
            _advance_rows(stack, carried, step, carry_index, shape, member, part)


@kernel
def _advance_rows(stack, carried, step, carry_index, shape, member, part):
    """Take the rows of one part of one member one lag further."""
    row, below = row_of(shape, member, part), ZERO
    if member == 1:
        below = _scale_of_carry(carried, step, shape, part)
    elif member > 1:
        below = peek(stack.scale, row - shape.parts)
    own = peek(stack.scale, row)
    top = max(own, below)
    if top == ZERO:
        clear(stack.square, row * shape.parts, shape.parts)
        return
    times_power(step.kept, 0, step.carry, 0, shape.carries * shape.hidden, own - top)
    for panel in range(panels_in(stack, row)):
        _advance_panel(stack, carried, step, carry_index, shape, member, part, panel, own - top, below - top)
    poke(stack.scale, row, top)
    settle(stack, shape, row)


@kernel
def _scale_of_carry(carried, step, shape, part):
    """Return the scale of the rows of P_0, or ZERO, once J's rows are taken at their powers of two."""
    top = ZERO
    for old in range(shape.parts):
        if peek(carried.square, part * shape.parts + old) > 0:
            top = max(top, peek(carried.scale, part) + peek(step.power, old))
    return top


@aside
def _advance_panel(stack, carried, step, carry_index, shape, member, part, panel, kept, lifted):
    """Put together what is to be multiplied with the column, multiply it, add what is carried.

    ``kept`` and ``lifted`` are the exponents of what P itself and the member below are multiplied with.
    """
    place = row_of(shape, member, part) * shape.panels + panel
    slot, free = peek(stack.slots, place), peek(stack.free, 0)
    old, new = panel_at(stack, shape, slot), panel_at(stack, shape, free)
    first, depth, source, factor = 0, shape.hidden, old, 1.0
    if member > 0:
        factor = power_of_two(lifted)
        if member == shape.members - 1 and kept > ZERO // 2:
            source, factor = panel_at(stack, shape, peek(stack.free, 1)), 1.0
            _sum_of_rest(stack, carried, step, shape, member, part, panel, kept, lifted)
        elif member > 1:
            source = panel_at(stack, shape, peek(stack.slots, place - shape.parts * shape.panels))
        else:
            source, first = panel_at(stack, shape, peek(stack.free, 1)), panel * 2 * lanes(stack.data)
            depth = min(2 * lanes(stack.data), shape.hidden - first)
            _clear_units(stack, shape, source, first, depth)
            _add_diagonals(stack, carried, step, shape, part, panel, 0)
    if factor > 0:
        half = 2 * panel + 1 == peek(stack.live, row_of(shape, member, part))
        multiply(stack.data, source, step.column, 0, new, shape, first, depth, half)
    add_carry(stack, new, old, step.kept, carry_index, shape, panel, factor, kept > ZERO // 2)
    poke(stack.slots, place, free)
    poke(stack.free, 0, slot)


@aside
def multiply(data, source, column, column_at, target, shape, first, depth, half):
    """Set the h part of a panel to another panel times the column, over ``depth`` units of each part from ``first``.

    With ``half`` the second vector of the panel's rows is not in use, and zero.
    """
    wide, side = 2 * lanes(data), LINE_BYTES // itemsize(data)
    for start in range(0, shape.hidden, side):
        for within in range(start, min(start + side, shape.hidden), COLUMNS):
            for part in range(shape.parts):
                left = source + (part * shape.padded + first) * wide
                right = column_at + (part * shape.padded + start) * shape.hidden + first * side + within - start
                if half:
                    half_tile(data, left, column, right, data, target + within * wide, depth, 1 if part > 0 else 0)
                else:
                    tile(data, left, column, right, data, target + within * wide, depth, 1 if part > 0 else 0)


@aside
def _clear_units(stack, shape, panel, first, depth):
    """Set some units' columns of a panel to zero."""
    wide = 2 * lanes(stack.data)
    for part in range(shape.parts):
        clear(stack.data, panel + (part * shape.padded + first) * wide, depth * wide)


@aside
def _sum_of_rest(stack, carried, step, shape, member, part, panel, kept, lifted):
    """Put P · 2**kept + (the member below) · 2**lifted together for one panel."""
    place = row_of(shape, member, part) * shape.panels + panel
    size, target = panel_at(stack, shape, 1), panel_at(stack, shape, peek(stack.free, 1))
    own = panel_at(stack, shape, peek(stack.slots, place))
    below = panel_at(stack, shape, peek(stack.slots, place - shape.parts * shape.panels))
    left, right = spread(stack.data, power_of_two(kept)), spread(stack.data, power_of_two(lifted))
    add = lifted > ZERO // 2
    for at in range(0, size, lanes(stack.data)):
        value = product(load(stack.data, own + at), left)
        if add and member > 1:
            value = fma(load(stack.data, below + at), right, value)
        store(stack.data, target + at, value)
    if add and member == 1:
        _add_diagonals(stack, carried, step, shape, part, panel, lifted)


@aside
def _add_diagonals(stack, carried, step, shape, part, panel, power):
    """Add the rows of P_0, in units of its own scale times 2**power, to the panel that is being put together."""
    wide, scale = 2 * lanes(stack.data), _scale_of_carry(carried, step, shape, part)
    target, first = panel_at(stack, shape, peek(stack.free, 1)), panel * wide
    for old in range(shape.parts):
        block = part * shape.parts + old
        if peek(carried.square, block) > 0:
            factor = power_of_two(peek(carried.scale, part) + peek(step.power, old) - scale + power)
            for unit in range(first, min(first + wide, shape.hidden)):
                place = target + (old * shape.padded + unit) * wide + unit - first
                value = peek(carried.diagonals, block * shape.hidden + unit) * factor
                poke(stack.data, place, peek(stack.data, place) + value)


@kernel
def add_carry(stack, new, old, carry, carry_index, shape, panel, factor, carries):
    """Finish a panel: its h part times ``factor``, plus P K; and note each row's sum of squares by column part."""
    wide, last = 2 * lanes(stack.data), 0
    for part in range(shape.parts):
        here, add, first = new + part * shape.padded * wide, part == 0 and factor > 0, last
        note = (part * shape.panels + panel) * wide
        if add and factor != 1:
            _times(stack.data, here, shape.hidden * wide, factor)
        while last < shape.carries and peek(carry_index, 2 * last + 1) == part:
            last += 1
        entry = first if carries else last
        if (last - entry) % 2 or entry == last:
            source = old + peek(carry_index, 2 * entry) * shape.padded * wide if entry < last else old
            finish_one(stack, here, source, carry, entry * shape.hidden, entry < last, shape, add, note)
            entry, add = entry + 1, True
        while entry < last:
            one = old + peek(carry_index, 2 * entry) * shape.padded * wide
            two = old + peek(carry_index, 2 * entry + 2) * shape.padded * wide
            _finish_two(stack, here, one, two, carry, entry * shape.hidden, shape, add, note)
            entry, add = entry + 2, True


@aside
def _times(data, start, count, factor):
    """Multiply a stretch of numbers by one."""
    weight = spread(data, factor)
    for place in range(start, start + count, lanes(data)):
        store(data, place, product(load(data, place), weight))


@kernel
def finish_one(stack, here, source, carry, weight, carries, shape, add, note):
    """Set a column part of a panel, or add to it, what one carry (or none) brings; note the sums of squares."""
    data, half = stack.data, lanes(stack.data)
    first, second = spread(data, 0.0), spread(data, 0.0)
    for unit in range(shape.hidden):
        left, right = spread(data, 0.0), spread(data, 0.0)
        if add:
            left, right = load(data, here), load(data, here + half)
        if carries:
            factor = splat(carry, weight + unit)
            left, right = fma(load(data, source), factor, left), fma(load(data, source + half), factor, right)
        store(data, here, left)
        store(data, here + half, right)
        first, second = fma(left, left, first), fma(right, right, second)
        here, source = here + 2 * half, source + 2 * half
    store(stack.rows, note, first)
    store(stack.rows, note + half, second)


@kernel
def _finish_two(stack, here, one, two, carry, weight, shape, add, note):
    """Set a column part of a panel, or add to it, what two carries bring; note the sums of squares of its rows."""
    data, half = stack.data, lanes(stack.data)
    first, second = spread(data, 0.0), spread(data, 0.0)
    for unit in range(shape.hidden):
        left, right = spread(data, 0.0), spread(data, 0.0)
        if add:
            left, right = load(data, here), load(data, here + half)
        factor, other = splat(carry, weight + unit), splat(carry, weight + shape.hidden + unit)
        left, right = fma(load(data, one), factor, left), fma(load(data, one + half), factor, right)
        left, right = fma(load(data, two), other, left), fma(load(data, two + half), other, right)
        store(data, here, left)
        store(data, here + half, right)
        first, second = fma(left, left, first), fma(right, right, second)
        here, one, two = here + 2 * half, one + 2 * half, two + 2 * half
    store(stack.rows, note, first)
    store(stack.rows, note + half, second)
