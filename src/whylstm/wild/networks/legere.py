"""legere: what a printed line says. Convolutions turn the picture into a sequence, a GRU reads it both ways."""

from whylstm.cells.gru import CELL
from whylstm.files import read_tensors
from whylstm.wild import inputs
from whylstm.wild.networks._reading import convolved, normed, sequence
from whylstm.wild.networks.base import Network, Part, tensor, torch_levels

WIDTH = 640
STRIDES = ((2, 2), (1, 1), (2, 1), (1, 1), (2, 1), (2, 1))


class Legere(Network):
    package = "legere"
    files = {"legere/data/model.pt": "bfbf943f8c251bf68183d26fa1837a62190872b93351ce1d93e0c756dac86399"}
    licence = "MIT"
    title = "what a printed line says"
    reads = "four columns of a picture of 32 rows, after seven convolutions"
    inputs = "two printed lines"
    needs = 12  # the width of a few letters

    def parts(self, where=None):
        tensors = read_tensors(self.path(next(iter(self.files)), where))
        return (Part("reader", features(tensors), torch_levels(tensors, CELL, "model.rnn.", 1, both=True)),)


def features(tensors):
    """Return what the recurrent layer reads, (2, 160, 192)."""
    held = {name.removeprefix("model."): value for name, value in tensors.items()}
    lines = [inputs.printed_line(text, 32, WIDTH) for text in inputs.texts()["printed_lines"][:2]]
    x = tensor(lines)[:, None] * 2 - 1
    x = normed(convolved(x, held, "stem.0", stride=2, padding=1), held, "stem.1").relu()
    for at, stride in enumerate(STRIDES):
        name, channels = f"blocks.{at}", x.shape[1]
        deep = convolved(x, held, f"{name}.depthwise", stride=stride, padding=1, groups=channels)
        x = normed(deep, held, f"{name}.bn1").relu()
        x = normed(convolved(x, held, f"{name}.pointwise"), held, f"{name}.bn2").relu()
    return sequence(x)


NETWORK = Legere()
