"""Silero VAD: is anyone speaking? An LSTM cell over features of 32 ms, its state carried from one to the next."""

import numpy as np
import torch
from torch.nn import functional

from whylstm.cells.lstm import CELL
from whylstm.files import read_tensors
from whylstm.wild import inputs
from whylstm.wild.networks.base import Network, Part, tensor, torch_layer

CHUNK, CONTEXT = 512, 64
FILE = "silero_vad/data/silero_vad_16k.safetensors"


class SileroVAD(Network):
    package = "silero-vad"
    files = {FILE: "c59271c284ae9c8335d795d60e0bfdb71aaaceec578d9bd9ffc1b8153c319ea1"}
    licence = "MIT"
    title = "is anyone speaking"
    reads = "512 samples of speech (32 ms), after four convolutions"
    inputs = "two voices with a second of silence before, between and after, 7 s"
    needs = 30  # a second: shorter silences are within speech

    def parts(self, where=None):
        tensors = read_tensors(self.path(FILE, where))
        cell = torch_layer(tensors, CELL, "lstm_cell.", "")
        return (Part("detector", features(tensors, conversation())[None], ((cell,),)),)


def conversation():
    """Return the samples: silence, a voice, silence, another voice, silence."""
    first, second = inputs.speech()[:2]
    silence = np.zeros(inputs.RATE)
    return np.concatenate([silence, first, silence, second, silence])


def features(tensors, wave):
    """Return what the cell reads of every chunk, (T, 128): a Fourier transform by convolution, then four layers."""
    steps = len(wave) // CHUNK
    padded = np.pad(wave[: steps * CHUNK], (CONTEXT, 0))
    chunks = np.lib.stride_tricks.sliding_window_view(padded, CHUNK + CONTEXT)[::CHUNK]
    x = functional.pad(torch.from_numpy(chunks.copy())[:, None], (0, CONTEXT), mode="reflect")
    held = {name: tensor(value) for name, value in tensors.items()}
    spectrum = functional.conv1d(x, held["stft_conv.weight"], stride=128)
    x = (spectrum[:, :129] ** 2 + spectrum[:, 129:] ** 2).sqrt()
    for name, stride in {"conv1": 1, "conv2": 2, "conv3": 2, "conv4": 1}.items():
        x = functional.conv1d(x, held[f"{name}.weight"], held[f"{name}.bias"], stride=stride, padding=1).relu()
    return x[..., 0]


NETWORK = SileroVAD()
