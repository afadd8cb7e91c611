"""Each published network does here what it was trained for: so its weights and its inputs are read right."""

import difflib
import json

import numpy as np
import pytest
import torch

from whylstm.files import read_tensors
from whylstm.wild import inputs, packages
from whylstm.wild.networks import base
from whylstm.wild.networks.base import outputs, tensor

THERE, MISSING = packages.at_hand()


@pytest.fixture(params=base.names())
def network(request):
    if request.param in MISSING:
        pytest.skip(f"the package {base.network(request.param).package} could not be fetched")
    return base.network(request.param)


def held(name, file=None):
    if name in MISSING:
        pytest.skip(f"the package {base.network(name).package} could not be fetched")
    one = base.network(name)
    return one, read_tensors(one.path(file or next(iter(one.files))))


def test_every_network_says_what_it_is(network):
    said = (network.package, network.licence, network.title, network.reads, network.inputs, network.framework)
    assert all(said) and network.framework in ("torch", "keras")
    assert network.package.lower() in packages.pinned()
    for part in network.parts():
        assert part.inputs.dtype == torch.float64 and torch.isfinite(part.inputs).all()
        assert 1 <= network.needs < 200


def test_layers_are_those_of_torch(network):
    """The states of every part equal those of torch.nn with the same weights, where torch has the cell."""
    if network.framework != "torch":
        pytest.skip("torch has no such layer")
    for part in network.parts():
        below = part.inputs
        for level in part.levels:
            found = []
            for one in level:
                kind = torch.nn.LSTM if one.cell.name == "lstm" else torch.nn.GRU
                weights = one.weights
                layer = kind(weights["W"].shape[3], weights["W"].shape[2], batch_first=True, dtype=torch.float64)
                with torch.no_grad():
                    layer.weight_ih_l0.copy_(weights["W"][0].flatten(0, 1))
                    layer.weight_hh_l0.copy_(weights["U"][0].flatten(0, 1))
                    layer.bias_ih_l0.copy_(weights["b"][0].flatten())
                    layer.bias_hh_l0.copy_(weights["c"][0].flatten() if "c" in weights else 0 * layer.bias_hh_l0)
                    start = None if one.start is None else tuple(value for value in one.start.values())
                    start = start[0] if start and one.cell.name == "gru" else start
                    read = below.flip(1) if one.backwards else below
                    out = layer(read, start)[0]
                found.append(out.flip(1) if one.backwards else out)
            below = torch.cat(found, -1)
        assert torch.allclose(outputs(part), below, atol=1e-10)


def test_resemblyzer_tells_voices_apart():
    one, tensors = held("resemblyzer")
    (part,) = one.parts()
    frames = torch.stack([tensor(inputs.mel_bands(wave)) for wave in inputs.speech()])
    early, late = frames[:, :90], frames[:, 100:190]

    def voices(read):
        final = outputs(base.replace(part, inputs=read))[:, -1]
        made = (
            final @ tensor(tensors["model_state.linear.weight"]).T + tensor(tensors["model_state.linear.bias"])
        ).relu()
        return made / made.norm(dim=1, keepdim=True)

    likeness = voices(early) @ voices(late).T
    others = likeness[~torch.eye(len(likeness), dtype=torch.bool)]
    assert likeness.diagonal().mean() > others.mean() + 0.1


def test_silero_hears_where_someone_speaks():
    one, tensors = held("silero_vad")
    (part,) = one.parts()
    head = [tensor(tensors[f"final_conv.{name}"]) for name in ("weight", "bias")]
    speaks = torch.sigmoid(outputs(part)[0].relu() @ head[0][0, :, 0] + head[1]).numpy()
    seconds = np.arange(len(speaks)) * 512 / inputs.RATE
    silent = (seconds < 0.9) | ((seconds > 3.4) & (seconds < 3.9)) | (seconds > 6.4)
    voiced = ((seconds > 1.3) & (seconds < 2.9)) | ((seconds > 4.3) & (seconds < 5.9))
    assert speaks[voiced].mean() > 0.8 and speaks[silent].mean() < 0.1


def test_g2p_en_says_words_right():
    from whylstm.wild.networks import g2p_en

    _, tensors = held("g2p_en")
    names = "AA0 AA1 AA2 AE0 AE1 AE2 AH0 AH1 AH2 AO0 AO1 AO2 AW0 AW1 AW2 AY0 AY1 AY2 B CH D DH EH0 EH1 EH2 ER0 ER1 ER2"
    names += " EY0 EY1 EY2 F G HH IH0 IH1 IH2 IY0 IY1 IY2 JH K L M N NG OW0 OW1 OW2 OY0 OY1 OY2 P R S SH T TH UH0 UH1"
    names += " UH2 UW UW0 UW1 UW2 V W Y Z ZH"
    known = ["<pad>", "<unk>", "<s>", "</s>", *names.split()]
    said = [[known[one] for one in word] for word in g2p_en.phonemes(tensors, ["communication", "understanding"])]
    consonants = [" ".join(sound for sound in word if not sound[-1].isdigit()) for word in said]
    assert consonants == ["K M Y N K SH N", "N D S T N D NG"]


def test_g2p_fa_says_words_right():
    from whylstm.wild.networks import g2p_fa

    _, tensors = held("g2p_fa")
    said = g2p_fa.sounds(tensors, ["سلام", "کتاب"])
    words = ["".join(g2p_fa.SOUNDS[one - 3] for one in word[1 : word.index(g2p_fa.END)]) for word in said]
    assert words == ["sælɒːm", "kʰætʰɒːb"]  # the second has the wrong first vowel (ketɒːb): so does the package


def test_medaka_finds_the_true_bases():
    one, tensors = held("medaka")
    (part,) = one.parts()
    said = (outputs(part)[0] @ tensor(tensors["linear.weight"]).T + tensor(tensors["linear.bias"])).argmax(-1).numpy()
    true = inputs.pileup(150)[1] + 1  # 0 is a base that is not there
    assert (said == true).mean() > 0.95


def alike(first, second):
    return difflib.SequenceMatcher(None, first, second).ratio()


def read_by_ctc(numbers, letters):
    kept = [one for at, one in enumerate(numbers) if one and (at == 0 or one != numbers[at - 1])]
    return "".join(letters[one - 1] for one in kept)


def test_legere_reads_a_line():
    one, tensors = held("legere")
    (part,) = one.parts()
    small = "abcdefghijklmnopqrstuvwxyz"
    letters = (
        small + small.upper() + "0123456789" + "áàâãçéêíóôõúü" + "ÁÀÂÃÇÉÊÍÓÔÕÚÜ" + " .,;:!?'\"()[]{}%$#@&*+-=/\\_<>|°ºª"
    )
    said = (outputs(part) @ tensor(tensors["model.head.weight"]).T + tensor(tensors["model.head.bias"])).argmax(-1)
    lines = [read_by_ctc(line.tolist(), letters) for line in said]
    assert all(alike(line, true) > 0.9 for line, true in zip(lines, inputs.texts()["printed_lines"], strict=False)), (
        lines
    )


def test_nano_ocr_reads_a_word():
    one, tensors = held("nano_ocr")
    (part,) = one.parts()
    letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.- "
    said = (outputs(part) @ tensor(tensors["fc.weight"]).T + tensor(tensors["fc.bias"])).argmax(-1)
    words = [read_by_ctc(line.tolist(), letters).lower() for line in said]
    assert all(alike(word, true) > 0.8 for word, true in zip(words, inputs.texts()["printed_words"], strict=False)), (
        words
    )


def test_arabic_diacritizer_marks_the_article():
    one, tensors = held("arabic_diacritizer")
    (part,) = one.parts()
    hidden = outputs(part)
    names = ("attention.W.weight", "attention.U.weight", "attention.v.weight")
    first, second, third = (tensor(tensors[name]) for name in names)
    scores = torch.tanh((hidden @ first.T)[:, :, None] + (hidden @ second.T)[:, None]) @ third[0]
    context = scores.softmax(-1) @ hidden
    marks = (context @ tensor(tensors["classifier.weight"]).T + tensor(tensors["classifier.bias"])).argmax(-1)[0]
    text = inputs.texts()["arabic_text"]
    at = text.index("الكرامة")
    # after في ("in") the noun is in the genitive: its last letter has a kasra (class 3); spaces have no mark
    assert int(marks[at + len("الكرامة") - 1]) == 3
    assert all(int(marks[where]) == 0 for where, letter in enumerate(text) if letter == " ")


def test_textgenrnn_writes_text():
    """Given the text before it, the true next letter is likely: far more so than by how often letters occur."""
    one, tensors = held("textgenrnn", "textgenrnn/textgenrnn_weights.hdf5")
    (part,) = one.parts()
    runs = base.run_part(part)
    layers = [part.inputs, *(run.trajectory.after["h"][:, 0].transpose(0, 1) for run in runs)]
    joined = torch.cat(layers, -1)
    shares = (joined @ tensor(tensors["attention/attention/attention_W:0"]))[..., 0].softmax(1)
    seen = (joined * shares[..., None]).sum(1)
    odds = (seen @ tensor(tensors["output/output/kernel:0"]) + tensor(tensors["output/output/bias:0"])).softmax(-1)
    known = json.loads(one.path("textgenrnn/textgenrnn_vocab.json").read_text(encoding="utf-8"))
    text = inputs.texts()["english_text"]
    true = [float(odds[at, known[text[40 * (at + 1)]]]) for at in range(3)]
    assert np.mean(true) > 0.2, true


def test_chars2vec_finds_words_that_are_spelt_alike():
    (part,) = held("chars2vec")[0].parts()
    made = outputs(part)[:, -1]
    far = (made[:, None] - made[None]).norm(dim=-1)
    words = inputs.texts()["similar_words"]
    stems = [word[:3] for word in words]
    same = torch.tensor([[a == b for b in stems] for a in stems])
    own = torch.eye(len(words), dtype=torch.bool)
    assert far[same & ~own].mean() < 0.6 * far[~same].mean()


def test_russtress_stresses_words_right():
    one, tensors = held("russtress")
    (part,) = one.parts()
    forward, backward = (run.trajectory.after["h"][-1, 0] for run in base.run_part(part))
    final = torch.cat([forward, backward], -1)
    path = "model_weights/dense_1/dense_1"
    at = (final @ tensor(tensors[f"{path}/kernel:0"]) + tensor(tensors[f"{path}/bias:0"])).argmax(-1)
    words = inputs.texts()["russian_words"]
    said = [int(where) - (40 - len(word)) + 1 for where, word in zip(at, words, strict=True)]
    right = sum(a == b for a, b in zip(said, inputs.texts()["russian_stress"], strict=True))
    assert right >= 5, said


def test_asmscan_finds_the_motif_and_not_its_reverse():
    one, tensors = held("asmscan")
    (part,) = one.parts()
    path = "model_weights/classif/classif"
    head = [tensor(tensors[f"{path}/{name}:0"]) for name in ("kernel", "bias")]
    found, reverse = (
        torch.sigmoid(outputs(base.replace(part, inputs=read))[:, -1] @ head[0] + head[1])
        for read in (part.inputs, part.inputs.flip(1))
    )
    assert (found > 0.8).all() and (reverse < 0.1).all()


def test_dksplit_finds_the_words():
    from whylstm.wild.networks import dksplit

    one, tensors = held("dksplit")
    (part,) = one.parts()
    head = dksplit.whole(tensors, "onnx::MatMul_584")
    said = (outputs(part) @ head + tensor(tensors["hidden2tag.bias"])).argmax(-1)
    names = inputs.texts()["domain_names"]
    words = [
        "".join(" " * int(tag and at > 0) + letter for at, (letter, tag) in enumerate(zip(name, tags, strict=True)))
        for name, tags in zip(names, said, strict=True)
    ]
    assert words == ["vanishing gradients", "the quick brown foxes"]
