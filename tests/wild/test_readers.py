"""Tensors of files of every format that is read, told by content; what is broken is refused in a sentence."""

import struct

import h5py
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from whylstm.errors import StudyError
from whylstm.files import read_tensors

VALUES = np.arange(6, dtype=np.float32).reshape(2, 3)


def field(number, content, kind=2):
    return bytes([number << 3 | kind]) + (bytes([len(content)]) + content if kind == 2 else content)


def onnx(name=b"w", external=b""):
    tensor = b"".join(field(1, bytes([size]), 0) for size in VALUES.shape) + field(2, b"\x01", 0) + field(8, name)
    tensor += field(9, VALUES.tobytes()) + external
    return field(1, b"\x08", 0) + field(7, field(5, tensor))


def written(kind, folder):
    path = folder / f"weights.{'onnx' if kind == 'onnx' else 'bin'}"
    if kind == "torch":
        torch.save({"model": {"w": torch.from_numpy(VALUES)}, "epoch": 3}, path)
    elif kind == "torch, older":
        torch.save({"model": {"w": torch.from_numpy(VALUES)}}, path, _use_new_zipfile_serialization=False)
    elif kind == "safetensors":
        save_file({"model.w": torch.from_numpy(VALUES)}, path)
    elif kind == "npz":
        np.savez(path.with_suffix(".npz"), **{"model.w": VALUES})
        path.with_suffix(".npz").rename(path)
    elif kind == "hdf5":
        with h5py.File(path, "w") as file:
            file["model/w"] = VALUES
            file["model/text"] = "no numbers"
    else:
        path.write_bytes(onnx(b"model.w"))
    return path


KINDS = ["torch", "torch, older", "safetensors", "npz", "hdf5", "onnx"]


@pytest.mark.parametrize("kind", KINDS)
def test_tensors_are_read_by_their_names(kind, tmp_path):
    found = {name.replace("/", "."): np.asarray(value) for name, value in read_tensors(written(kind, tmp_path)).items()}
    assert list(found) == ["model.w"]
    assert found["model.w"].dtype == np.float32 and (found["model.w"] == VALUES).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_what_is_cut_off_is_refused_in_a_sentence(kind, share, tmp_path):
    path = written(kind, tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(StudyError, match=r"cannot be read|no format"):
        read_tensors(path)


def test_numbers_in_another_file_are_not_read(tmp_path):
    path = tmp_path / "weights.onnx"
    path.write_bytes(onnx(external=field(13, field(1, b"location") + field(2, b"/etc/passwd"))))
    with pytest.raises(StudyError, match="kept in another file"):
        read_tensors(path)
    (tmp_path / "raw").write_bytes(VALUES.tobytes())
    with h5py.File(tmp_path / "weights.h5", "w") as file:
        file.create_dataset("w", (2, 3), "f4", external=[(str(tmp_path / "raw"), 0, 24)])
    with pytest.raises(StudyError, match="kept in another file"):
        read_tensors(tmp_path / "weights.h5")


def test_arrays_of_python_objects_are_refused(tmp_path):
    np.savez(tmp_path / "bad.npz", w=np.array([{"a": 1}], dtype=object))
    with pytest.raises(StudyError, match="cannot be read as npz"):
        read_tensors(tmp_path / "bad.npz")


def test_an_unknown_format_is_told_what_is_read(tmp_path):
    (tmp_path / "x").write_bytes(struct.pack("<Q", 10**15) + b"{}")
    with pytest.raises(StudyError, match=r"allowed: .*HDF5.*npz"):
        read_tensors(tmp_path / "x")
