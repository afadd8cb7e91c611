"""g2p_en: how an English word is spoken. A GRU reads its letters, another one writes phonemes (Park & Kim 2019)."""

from whylstm.cells.gru import CELL
from whylstm.files import read_tensors
from whylstm.wild import inputs
from whylstm.wild.networks.base import Direction, Network, Part, embedded, outputs, tensor, weights

LETTERS = ("<pad>", "<unk>", "</s>", *"abcdefghijklmnopqrstuvwxyz")
START, END, LONGEST = 2, 3, 20


class G2pEnglish(Network):
    package = "g2p-en"
    files = {"g2p_en/checkpoint20.npz": "b8af35e4596d8dd5836dfd3fe9b2ba4f97b9c311efe8879544cbcfcbd566d8c6"}
    licence = "Apache-2.0"
    title = "how an English word is spoken"
    reads = "a letter, then a phoneme"
    inputs = "four words of 13 letters"
    needs = 8

    def parts(self, where=None):
        tensors = read_tensors(self.path(next(iter(self.files)), where))
        words = inputs.texts()["english_words"]
        state = last(encoder(tensors, words))
        said = phonemes(tensors, words)
        steps = min(len(one) for one in said)
        read = [[START, *one[: steps - 1]] for one in said]
        return encoder(tensors, words), decoder(tensors, read, state)


def layer(tensors, side, start=None):
    held = [tensor(tensors[f"{side}_{name}"]) for name in ("w_ih", "w_hh", "b_ih", "b_hh")]
    return Direction(CELL, weights(CELL, *held), start=start)


def encoder(tensors, words):
    """Return the encoder with words of one length, each ended by a mark."""
    read = [[LETTERS.index(letter) for letter in word] + [LETTERS.index("</s>")] for word in words]
    return Part("encoder", embedded(tensors["enc_emb"], read), ((layer(tensors, "enc"),),))


def decoder(tensors, read, state):
    """Return the decoder with what it wrote so far as its inputs, from the state that the encoder ended in."""
    return Part("decoder", embedded(tensors["dec_emb"], read), ((layer(tensors, "dec", state),),))


def last(part):
    """Return the state that a part ends in, (1, N, H)."""
    return {"h": outputs(part)[None, :, -1]}


def phonemes(tensors, words):
    """Return the phonemes that the network writes for each word, by number, the end left out."""
    state, said = last(encoder(tensors, words)), [[START] for _ in words]
    for _ in range(LONGEST):
        hidden = outputs(decoder(tensors, [one[-1:] for one in said], state))[:, -1]
        state = {"h": hidden[None]}
        likely = (hidden @ tensor(tensors["fc_w"]).T + tensor(tensors["fc_b"])).argmax(-1)
        said = [[*one, int(next_)] for one, next_ in zip(said, likely, strict=True)]
    return [one[1 : one.index(END)] if END in one else one[1:] for one in said]


NETWORK = G2pEnglish()
