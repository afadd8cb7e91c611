"""ASMscan: amyloid motifs in proteins. An LSTM in both directions over residues, and a small one over its outputs."""

from whylstm.files import read_tensors
from whylstm.wild import inputs
from whylstm.wild.networks._keras import layer
from whylstm.wild.networks.base import Network, Part, embedded

RESIDUES = "lasevgkidtrpnqfyhmcwxuzbo"


class ASMscan(Network):
    package = "asmscan-bilstm"
    files = {
        "asmscan/bilstm/resources/model/cvms/bass-model1.h5": "ab49a5e6935699a806d4916985c17c07cad7d4a60df61a64a07f95923351b26d"
    }
    licence = "GPL-3.0"
    framework = "keras"
    title = "amyloid motifs in proteins"
    reads = "a residue"
    inputs = "two sequences of 40 residues with a motif"
    needs = 20  # the length of a motif

    def parts(self, where=None):
        tensors = read_tensors(self.path(next(iter(self.files)), where))
        sides = ("forward", "backward")
        path = "model_weights/bi-lstm/bi-lstm/{}_lstm/lstm_cell"
        lower = tuple(layer(tensors, path.format(side), backwards=side == "backward") for side in sides)
        upper = layer(tensors, "model_weights/lstm/lstm/lstm_cell")
        pieces = [[1 + RESIDUES.index(letter) for letter in one.lower()] for one in inputs.texts()["motifs"]]
        table = tensors["model_weights/embedding/embedding/embeddings:0"]
        return (Part("finder", embedded(table, pieces), (lower, (upper,))),)


NETWORK = ASMscan()
