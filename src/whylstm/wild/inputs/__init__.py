"""What the networks are given: speech, words, texts, printed lines and reads, each of stated origin (README.md here).

Front ends are written from the packages' own descriptions; nothing of a package is imported.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

RATE = 16_000
"""Samples per second of the speech."""


@cache
def texts() -> dict[str, Any]:
    """Return the words and texts, by what they are."""
    found: dict[str, Any] = json.loads(resources.files(__name__).joinpath("texts.json").read_text(encoding="utf-8"))
    return found


def speech() -> np.ndarray:
    """Return four voices of two seconds each, (4, 32000), float64 between -1 and 1, at 16 kHz."""
    place = resources.files(__name__).joinpath("speech.npz")
    with resources.as_file(place) as where, np.load(where, allow_pickle=False) as held:
        return np.stack([held[name] for name in sorted(held.files)]).astype(np.float64) / 2**15


def mel_bands(wave: np.ndarray, bands: int = 40, window: int = 400, hop: int = 160) -> np.ndarray:
    """Return the power in mel bands of each frame, (frames, bands), not its logarithm.

    As ``librosa.feature.melspectrogram`` by default: frames centred on multiples of ``hop``, zeros beyond the ends, a
    periodic Hann window, Slaney's mel scale with triangles of equal area from 0 Hz to half of the rate.
    """
    padded = np.pad(wave, window // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    power: np.ndarray = np.abs(np.fft.rfft(frames * hann)) ** 2 @ _triangles(bands, window).T
    return power


def _triangles(bands: int, window: int) -> np.ndarray:
    """Return the mel filters, (bands, window // 2 + 1) (Slaney 1998: linear below 1 kHz, logarithmic above)."""
    top = 15 + np.log(RATE / 2 / 1000) / (np.log(6.4) / 27)
    mels = np.linspace(0, top, bands + 2)
    edges = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp((mels - 15) * np.log(6.4) / 27))
    bins = np.linspace(0, RATE / 2, window // 2 + 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    filters: np.ndarray = np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    return filters


def printed_line(text: str, height: int, width: int) -> np.ndarray:
    """Return a line of text as it is printed, (height, width), from 0 (black) to 1 (white), in DejaVu Sans."""
    import matplotlib
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"), 40)
    left, top, right, bottom = font.getbbox(text)
    page = Image.new("L", (int(right - left) + 16, int(bottom - top) + 16), 255)
    ImageDraw.Draw(page).text((8 - left, 8 - top), text, font=font, fill=0)
    return np.asarray(page.resize((width, height), Image.Resampling.BILINEAR), dtype=np.float64) / 255


def pileup(positions: int, reads: int = 30, error: float = 0.03) -> tuple[np.ndarray, np.ndarray]:
    """Return how many reads say what at each position of a sequence, and the true bases.

    Reads are simulated: half of each strand, each base misread or missing with a probability of ``error`` each.

    Returns:
        Shares of all reads, (positions, 10): A C G T on the reverse strand, A C G T on the forward strand, missing on
        the one and on the other; and the true bases (positions,), 0 ... 3.
    """
    from whylstm.streams import stream

    draws = stream(0, "pileup", positions=positions, reads=reads, error=error)
    true = draws.integers(0, 4, positions)
    said = np.broadcast_to(true, (reads, positions)).copy()
    chance = draws.uniform(size=said.shape)
    said = np.where(chance < error, draws.integers(0, 4, said.shape), said)
    said = np.where(chance > 1 - error, 4, said)
    strand = np.arange(reads) % 2
    columns = [(side, base) for side in (0, 1) for base in range(4)] + [(0, 4), (1, 4)]
    counts = np.stack([(said[strand == side] == base).sum(0) for side, base in columns], 1)
    return counts / reads, true
