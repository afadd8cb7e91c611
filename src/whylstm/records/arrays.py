"""Named arrays in one ``.npz`` file, the same bytes for the same arrays."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from whylstm.errors import StudyError
from whylstm.records.files import damaged, read_bytes, write_bytes

if TYPE_CHECKING:
    import numpy as np

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The date that every member gets: the earliest that a zip archive can hold."""


def write_arrays(path: Path | str, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays of numbers, truth values or fixed-width text, sorted by name, whole or not at all.

    Raises:
        StudyError: if an array holds Python objects, or the file cannot be written.
    """
    import numpy as np

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            array = np.asanyarray(arrays[name])
            if array.dtype.hasobject:
                raise StudyError(
                    f"{path}: array {name!r} holds Python objects; allowed: numbers, bool, fixed-width text"
                )
            with archive.open(zipfile.ZipInfo(f"{name}.npy", EARLIEST), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    write_bytes(path, buffer.getvalue())


def read_arrays(path: Path | str) -> dict[str, np.ndarray]:
    """Return the arrays in a file by name; every member's checksum is verified, and nothing is unpickled.

    Raises:
        StudyError: if the file is missing, truncated or damaged.
    """
    import numpy as np

    content = io.BytesIO(read_bytes(path))
    try:
        with np.load(content, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        raise damaged(path, error) from error
