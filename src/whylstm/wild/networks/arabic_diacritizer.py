"""arabic-diacritizer: the vowel marks of Arabic text. An LSTM of three layers in both directions over letters."""

from whylstm.cells.lstm import CELL
from whylstm.files import read_tensors
from whylstm.wild import inputs
from whylstm.wild.networks.base import Network, Part, embedded, torch_levels

LETTERS = "ءآأؤإئابةتثجحخدذرزسشصضطظعغـفقكلمنهوي"
MARKS = " .,،؛:؟!()-\"'\n"


class ArabicDiacritizer(Network):
    package = "arabic-diacritizer"
    files = {"diacritize/assets/bilstm_best.pt": "51bfd0d3498adfc54393580ddc9d7ff8deaaab866d7d5d28c81eaec7ddc9e97f"}
    licence = "MIT"
    title = "the vowel marks of Arabic text"
    reads = "a letter"
    inputs = "a sentence of 110 letters"
    needs = 20  # a few words, on which the ending of a word depends

    def parts(self, where=None):
        tensors = read_tensors(self.path(next(iter(self.files)), where))
        read = [4 + (LETTERS + MARKS).index(letter) for letter in inputs.texts()["arabic_text"]]
        levels = torch_levels(tensors, CELL, "lstm.", 3, both=True)
        return (Part("marker", embedded(tensors["embedding.weight"], [read]), levels),)


NETWORK = ArabicDiacritizer()
