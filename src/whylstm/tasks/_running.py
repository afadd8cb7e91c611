"""What the tasks of running products share: a finite group, and the product of all elements seen so far.

Elements are numbers 0 … M-1, and 0 does nothing. If the elements shown are independent and uniform, so are all running
products: each multiplies the last one by a fresh uniform element. So guessing is right 1/M of the time, at every step.
"""

from __future__ import annotations

import itertools

import numpy as np

from whylstm.tasks.base import Batch, Criterion, Trivial, one_hot, uniform_classes

CRITERIA = (Criterion("one_percent", "error", 0.01, "fewer than 1% of answers on fresh sequences wrong"),)


def cyclic(size: int) -> np.ndarray:
    """Return the table (M, M) of addition modulo ``size``: table[state, element] is the next state."""
    numbers = np.arange(size)
    return (numbers[:, None] + numbers) % size


def symmetric(things: int) -> np.ndarray:
    """Return the table (M, M) of permutations of ``things`` things, M = things!, in lexicographic order.

    table[state, element] is what comes out when the things stand as ``state`` says and then move as ``element`` says:
    the thing in place ``element[i]`` goes to place i.
    """
    orders = np.array(list(itertools.permutations(range(things))))
    places = {tuple(order): number for number, order in enumerate(orders.tolist())}
    return np.array([[places[tuple(state[element])] for element in orders] for state in orders])


def sample(rng: np.random.Generator, count: int, length: int, table: np.ndarray) -> Batch:
    """Draw ``count`` sequences of ``length`` uniform elements, (N, T, M) one-hot, with the product at every step."""
    shown = rng.integers(0, len(table), (length, count)).T  # step after step: a longer sequence starts with a shorter
    products, state = np.empty_like(shown), np.zeros(count, dtype=np.int64)
    for step, elements in enumerate(shown.T):
        state = table[state, elements]
        products[:, step] = state
    return Batch(one_hot(shown, len(table)), products, np.ones(length, dtype=bool))


def trivial(size: int, length: int) -> Trivial:
    """Return what guessing earns: uniform over M classes at every step."""
    sentence = f"{size} equally likely products at every step, whatever came before: cross-entropy ln {size}."
    return Trivial(uniform_classes(size, length), sentence)
