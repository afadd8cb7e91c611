"""textgenrnn: the next character of a text. An LSTM of two layers over characters, and attention over both."""

import json

from whylstm.files import read_tensors
from whylstm.wild import inputs
from whylstm.wild.networks._keras import layer
from whylstm.wild.networks.base import Network, Part, embedded

WEIGHTS = "textgenrnn/textgenrnn_weights.hdf5"
LETTERS = "textgenrnn/textgenrnn_vocab.json"
STEPS = 40


class Textgenrnn(Network):
    package = "textgenrnn"
    files = {
        WEIGHTS: "6a89ca4235ed9f00be7b2acd65d5fe4a099967d676bfe20afb696106286ffbca",
        LETTERS: "f9c6c0db9b07fb57da023d32df66e16a488d086c138e15706307bb5177c2be74",
    }
    licence = "MIT"
    framework = "keras"
    title = "the next character of a text"
    reads = "a character"
    inputs = "three pieces of 40 characters of a text"
    needs = 39

    def parts(self, where=None):
        tensors = read_tensors(self.path(WEIGHTS, where))
        known = json.loads(self.path(LETTERS, where).read_text(encoding="utf-8"))
        text = inputs.texts()["english_text"]
        pieces = [[known[letter] for letter in text[at : at + STEPS]] for at in range(0, 3 * STEPS, STEPS)]
        levels = tuple((layer(tensors, f"rnn_{at}/rnn_{at}"),) for at in (1, 2))
        return (Part("writer", embedded(tensors["embedding/embedding/embeddings:0"], pieces), levels),)


NETWORK = Textgenrnn()
