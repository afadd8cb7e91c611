"""Resemblyzer: who is speaking? An LSTM of three layers over mel bands (Wan et al. 2018, generalised end-to-end loss)."""

from whylstm.cells.lstm import CELL
from whylstm.files import read_tensors
from whylstm.wild import inputs
from whylstm.wild.networks.base import Network, Part, tensor, torch_levels

FRAMES = 160


class Resemblyzer(Network):
    package = "Resemblyzer"
    files = {"resemblyzer/pretrained.pt": "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"}
    licence = "Apache-2.0"
    title = "who is speaking"
    reads = "40 mel bands of 10 ms of speech"
    inputs = "two voices, 1.6 s each"
    needs = 159

    def parts(self, where=None):
        tensors = read_tensors(self.path(next(iter(self.files)), where))
        voices = [inputs.mel_bands(loud(wave))[:FRAMES] for wave in inputs.speech()[:2]]
        return (Part("encoder", tensor(voices), torch_levels(tensors, CELL, "model_state.lstm.", 3)),)


def loud(wave):
    """Return a wave brought to a root mean square of -30 dB, if it is more quiet than that."""
    return wave * max(1.0, 10**-1.5 / (wave**2).mean() ** 0.5)


NETWORK = Resemblyzer()
