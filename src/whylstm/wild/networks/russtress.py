"""russtress: which letter of a Russian word is stressed. An LSTM in both directions over its letters."""

from torch.nn import functional

from whylstm.files import read_tensors
from whylstm.wild import inputs
from whylstm.wild.networks._keras import HARD, layer
from whylstm.wild.networks.base import Network, Part, torch

LETTERS = "'-_абвгдежзийклмнопрстуфхцчшщъыьэюяё"
STEPS = 40


class Russtress(Network):
    package = "russtress"
    files = {"russtress/weights.96.hdf5": "c33459857b86587043b6813fadb5290ff3859b2776d1f98898c68c1a6f1663b0"}
    licence = "none stated"
    framework = "keras"
    title = "which letter of a Russian word is stressed"
    reads = "a letter; words are padded to 40 steps before their beginning"
    inputs = "six words"
    needs = 10

    def parts(self, where=None):
        tensors = read_tensors(self.path(next(iter(self.files)), where))
        path = "model_weights/bidirectional_1/bidirectional_1"
        level = tuple(
            layer(tensors, f"{path}/{side}_lstm_1", HARD, backwards=side == "backward")
            for side in ("forward", "backward")
        )
        return (Part("listener", letters(inputs.texts()["russian_words"]), (level,)),)


def letters(words):
    """Return words after a mark, as letters one by one, (N, 40, 36), zeros before them."""
    marked = [f"_{word}" for word in words]
    read = [[-1] * (STEPS - len(word)) + [LETTERS.index(letter) for letter in word] for word in marked]
    return functional.one_hot(torch.tensor(read) + 1, len(LETTERS) + 1)[..., 1:].double()


NETWORK = Russtress()
