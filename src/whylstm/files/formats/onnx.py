"""ONNX: the constants of a graph, read from the bytes of its protocol buffers (onnx.proto3 of the ONNX project).

Of the format little is needed: a model (field 7: graph) holds a graph (field 5: initialisers; field 1: nodes), a node
of the kind ``Constant`` holds a tensor, and a tensor its sizes (1), the kind of its numbers (2), its name (8) and the
numbers, raw (9) or in a list of their kind (4: float32, 5: int32, 7: int64, 10: float64). Tensors kept in other files
(13, 14) are refused.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from whylstm.errors import StudyError
from whylstm.files.base import Reader

KINDS = {1: "<f4", 2: "<u1", 3: "<i1", 4: "<u2", 5: "<i2", 6: "<i4", 7: "<i8", 9: "?", 10: "<f2", 11: "<f8"}
LISTS = {4: "<f4", 5: "<i4", 7: "<i8", 10: "<f8"}


def knows(path: Path, start: bytes) -> bool:
    """Return whether it may be a model: ONNX has no mark of its own, so its suffix decides as well."""
    return path.suffix.lower() == ".onnx" and start[:1] == b"\x08"


def read(path: Path) -> dict[str, Any]:
    """Return every constant of the graph by its name: initialisers, and the outputs of nodes ``Constant``."""
    try:
        return dict(_constants(path))
    except (ValueError, IndexError, struct.error, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise StudyError(f"{path} cannot be read as ONNX: {' '.join(str(error).split())}") from error


def _constants(path: Path) -> Iterator[tuple[str, Any]]:
    for number, graph in _fields(memoryview(path.read_bytes())):
        if number != 7:
            continue
        for part, value in _fields(graph):
            if part == 5:
                yield _tensor(path, value)
            elif part == 1:
                yield from _of_node(path, value)


def _of_node(path: Path, node: memoryview) -> Iterator[tuple[str, Any]]:
    facts = list(_fields(node))
    kind = next((bytes(value) for number, value in facts if number == 4), b"")
    outputs = [bytes(value).decode() for number, value in facts if number == 2]
    if kind == b"Constant" and outputs:
        for number, attribute in facts:
            for inner, value in _fields(attribute) if number == 5 else ():
                if inner == 5:
                    yield outputs[0], _tensor(path, value)[1]


def _tensor(path: Path, held: memoryview) -> tuple[str, Any]:
    sizes: list[int] = []
    name, kind, raw, listed = "", 0, None, []
    for number, value in _fields(held):
        if number == 1:
            sizes += _varints(value) if isinstance(value, memoryview) else [value]
        elif number == 2:
            kind = value
        elif number == 8:
            name = bytes(value).decode()
        elif number == 9:
            raw = bytes(value)
        elif number in LISTS:
            listed.append((number, value))
        elif number == 13 or (number == 14 and value):
            raise StudyError(f"{path}: the tensor {name!r} is kept in another file, which is not read")
    if kind not in KINDS:
        return name, np.zeros(0)
    if raw is None:
        flat = np.concatenate([_list(number, value) for number, value in listed]) if listed else np.zeros(0)
        flat = flat.astype(KINDS[kind])
    else:
        flat = np.frombuffer(raw, KINDS[kind])
    return name, flat.reshape(sizes)


def _list(number: int, value: Any) -> np.ndarray:
    """Return the numbers of one entry of a list, packed or single."""
    if not isinstance(value, memoryview):
        return np.array([value])
    return np.frombuffer(bytes(value), LISTS[number]) if number in (4, 10) else np.array(_varints(value))


def _varints(value: memoryview) -> list[int]:
    found, at = [], 0
    while at < len(value):
        number, at = _varint(value, at)
        found.append(number - 2**64 if number >= 2**63 else number)
    return found


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at
        if shift > 63:
            raise ValueError("a number has more than 64 bits")


def _fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    """Yield the fields of a message: their numbers, and integers or bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == 2:
            size, at = _varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError(f"a field of the unknown kind {kind}")
        if at + size > len(data):
            raise ValueError("it ends in the middle of a field")
        yield number, data[at : at + size]
        at += size


READER = Reader("ONNX", knows, read)
