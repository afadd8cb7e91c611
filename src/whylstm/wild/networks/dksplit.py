"""DKSplit: the words of a domain name. An LSTM of three layers in both directions over letters, weights of 8 bits."""

import torch

from whylstm.cells.lstm import CELL
from whylstm.files import read_tensors
from whylstm.wild import inputs
from whylstm.wild.networks.base import Direction, Network, Part, embedded, tensor, weights

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
LAYERS = ((496, 497, 495), (539, 540, 538), (582, 583, 581))
"""The numbers that the file gives to the input matrices, recurrent matrices and biases of each layer."""


class DKSplit(Network):
    package = "dksplit"
    files = {"dksplit/models/dksplit-int8.onnx": "ab2726ea91ab2851f7854c5a890e681d11d49065881beb756b5abb963a0fc8d1"}
    licence = "CC-BY-4.0"
    title = "the words of a domain name"
    reads = "a letter"
    inputs = "two names of 18 letters"
    needs = 10  # a word and a part of the next

    def parts(self, where=None):
        tensors = read_tensors(self.path(next(iter(self.files)), where))
        levels = tuple(tuple(direction(tensors, names, side) for side in (0, 1)) for names in LAYERS)
        names = inputs.texts()["domain_names"]
        read = [[2 + LETTERS.index(letter) for letter in name] for name in names]
        return (Part("splitter", embedded(whole(tensors, "embedding.weight"), read), levels),)


def whole(tensors, name):
    """Return weights of 8 bits as the numbers that they stand for: scale times distance from the zero point."""
    scale, zero = tensor(tensors[f"{name}_scale"]), tensor(tensors[f"{name}_zero_point"])
    held = tensor(tensors[f"{name}_quantized"])
    if scale.ndim:
        scale, zero = scale[:, None, None], zero[:, None, None]
    return (held - zero) * scale


def direction(tensors, names, side):
    """Return a layer in one direction, its gates brought from ONNX's order (i, o, f, g) into torch's."""
    read, kept = (whole(tensors, f"onnx::LSTM_{name}")[side].T for name in names[:2])
    biases = tensor(tensors[f"onnx::LSTM_{names[2]}"])[side].chunk(2)
    ordered = [torch.cat([one.chunk(4)[gate] for gate in (0, 2, 3, 1)]) for one in (read, kept, *biases)]
    return Direction(CELL, weights(CELL, *ordered), bool(side))


NETWORK = DKSplit()
