"""medaka: the sequence that many faulty reads of DNA agree on. A GRU of two layers in both directions over positions."""

from whylstm.cells.gru import CELL
from whylstm.files import read_tensors
from whylstm.wild import inputs
from whylstm.wild.networks.base import Network, Part, tensor, torch_levels

FILE = "medaka/data/r1041_e82_400bps_sup_v5.2.0_model_pt.tar.gz!model/weights.pt"


class Medaka(Network):
    package = "medaka"
    files = {FILE: "8a4dc852324254fdd2478c09ac564e341f6840ebc538426ac584bded91c49878"}
    licence = "Oxford Nanopore Technologies Public License 1.0"
    title = "the sequence that reads of DNA agree on"
    reads = "how many reads say what at a position"
    inputs = "150 positions of 30 simulated reads"
    needs = 20  # a stretch of one base, whose length is what reads get wrong

    def parts(self, where=None):
        tensors = read_tensors(self.path(FILE, where))
        counts, _ = inputs.pileup(150)
        return (Part("consensus", tensor(counts)[None], torch_levels(tensors, CELL, "gru.", 2, both=True)),)


NETWORK = Medaka()
