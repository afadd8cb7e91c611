"""g2p_fa: how a Persian word is spoken. An LSTM of two layers reads its letters, another one writes sounds."""

from whylstm.cells.lstm import CELL
from whylstm.files import read_tensors
from whylstm.wild import inputs
from whylstm.wild.networks.base import Network, Part, embedded, run_part, tensor, torch_levels

LETTERS = "ءآئابتثجحخدذرزسشصضطظعغفقلمنهوُِپچژکگی"
SOUNDS = "bdefhijklmnopqstuvxzæɒɡɾʃʒʔʰː"
START, END, STEPS = 1, 2, 30


class G2pPersian(Network):
    package = "g2p-fa"
    files = {"g2p_fa/data/weights": "c83ac4d3d403a3f628cb16688fd1a39c0cd0ab55ced48e33a035ccf0901fdcb8"}
    licence = "MIT"
    title = "how a Persian word is spoken"
    reads = "a letter, then a sound; words are padded to 30 steps"
    inputs = "four words"
    needs = 25

    def parts(self, where=None):
        tensors = read_tensors(self.path(next(iter(self.files)), where))
        words = inputs.texts()["persian_words"]
        said = sounds(tensors, words)
        steps = min(one.index(END) for one in said)
        return encoder(tensors, words), decoder(tensors, [one[:steps] for one in said], last(encoder(tensors, words)))


def encoder(tensors, words):
    """Return the encoder with words between two marks, padded with zeros as in the package."""
    read = [[START, *(LETTERS.index(letter) + 3 for letter in word), END] for word in words]
    read = [one + [0] * (STEPS - len(one)) for one in read]
    return Part(
        "encoder", embedded(tensors["encoder.embedding.weight"], read), torch_levels(tensors, CELL, "encoder.rnn.", 2)
    )


def decoder(tensors, read, states):
    """Return the decoder with what it wrote so far as its inputs, from the states that the encoder ended in."""
    levels = torch_levels(tensors, CELL, "decoder.rnn.", 2, starts=states)
    return Part("decoder", embedded(tensors["decoder.embedding.weight"], read), levels)


def last(part):
    """Return the state that each layer of a part ends in."""
    return [{name: value[-1] for name, value in one.trajectory.states.items()} for one in run_part(part)]


def sounds(tensors, words):
    """Return the sounds that the network writes for each word, by number, after the mark of the start."""
    states, said = last(encoder(tensors, words)), [[START] for _ in words]
    head = [tensor(tensors[f"decoder.fc_out.{name}"]) for name in ("weight", "bias")]
    for _ in range(STEPS - 1):
        part = decoder(tensors, [one[-1:] for one in said], states)
        states = last(part)
        likely = (states[-1]["h"][0] @ head[0].T + head[1]).argmax(-1)
        said = [[*one, int(sound)] for one, sound in zip(said, likely, strict=True)]
    return said


NETWORK = G2pPersian()
