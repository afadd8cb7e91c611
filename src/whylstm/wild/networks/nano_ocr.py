"""nano-ocr: what a printed word says. Convolutions turn the picture into a sequence, an LSTM reads it both ways."""

from torch.nn import functional

from whylstm.cells.lstm import CELL
from whylstm.files import read_tensors
from whylstm.wild import inputs
from whylstm.wild.networks._reading import convolved, normed, sequence
from whylstm.wild.networks.base import Network, Part, tensor, torch_levels


class NanoOCR(Network):
    package = "nano-ocr"
    files = {"nano_ocr/model/nano_ocr_ftr.pth": "2d105c6901b4afe816fe8f85aa32ef85a6336f2e4d96c04692bb08b7de9758ba"}
    licence = "MIT"
    title = "what a printed word says"
    reads = "four columns of a picture of 32 rows, after six convolutions"
    inputs = "two printed words"
    needs = 8  # the width of a few letters

    def parts(self, where=None):
        tensors = read_tensors(self.path(next(iter(self.files)), where))
        return (Part("reader", features(tensors), torch_levels(tensors, CELL, "rnn.", 1, both=True)),)


def features(held):
    """Return what the recurrent layer reads, (2, T, 512)."""
    words = [inputs.printed_line(text, 32, 128) for text in inputs.texts()["printed_words"][:2]]
    x = tensor(words)[:, None] * 2 - 1
    x = functional.max_pool2d(convolved(x, held, "cnn.0", padding=1).relu(), 2)
    x = functional.max_pool2d(convolved(x, held, "cnn.3", padding=1).relu(), 2)
    x = normed(convolved(x, held, "cnn.6", padding=1), held, "cnn.7").relu()
    x = functional.max_pool2d(convolved(x, held, "cnn.9", padding=1).relu(), (2, 2), (2, 1), (0, 1))
    x = normed(convolved(x, held, "cnn.12", padding=1), held, "cnn.13").relu()
    x = functional.max_pool2d(x, (2, 2), (2, 1), (0, 1))
    x = normed(convolved(x, held, "cnn.16"), held, "cnn.17").relu()
    return sequence(x)


NETWORK = NanoOCR()
