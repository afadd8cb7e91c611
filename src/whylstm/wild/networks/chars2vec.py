"""chars2vec: words that are spelt alike. An LSTM of two layers over the letters of a word; its last output is the word."""

from torch.nn import functional

from whylstm.files import read_tensors
from whylstm.wild import inputs
from whylstm.wild.networks._keras import HARD, layer
from whylstm.wild.networks.base import Network, Part, torch

LETTERS = "!\"#$%&'()*+,-./0123456789:;<=>?@_abcdefghijklmnopqrstuvwxyz"


class Chars2vec(Network):
    package = "chars2vec"
    files = {
        "chars2vec/trained_models/eng_100/weights.h5": "08d1e0bd19fac1b7c2ba6c0cc10c1dc441637f204c444b9d228879ab4b97eea6"
    }
    licence = "Apache-2.0"
    framework = "keras"
    title = "words that are spelt alike"
    reads = "a letter; words are padded to one length before their beginning"
    inputs = "eight words of up to 9 letters"
    needs = 7

    def parts(self, where=None):
        tensors = read_tensors(self.path(next(iter(self.files)), where))
        levels = tuple((layer(tensors, f"lstm_{at}/lstm_{at}", HARD),) for at in (3, 4))
        return (Part("speller", letters(inputs.texts()["similar_words"]), levels),)


def letters(words):
    """Return words as letters one by one, (N, T, 59), zeros before the shorter ones."""
    steps = max(map(len, words))
    read = torch.tensor([[-1] * (steps - len(word)) + [LETTERS.index(letter) for letter in word] for word in words])
    return functional.one_hot(read + 1, len(LETTERS) + 1)[..., 1:].double()


NETWORK = Chars2vec()
