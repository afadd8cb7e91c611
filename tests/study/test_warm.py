"""Warming: what it compiles is what the study runs, whatever the size."""

import numpy as np

from whylstm.gradients.kernels.window import windows
from whylstm.study import config, simulate, warm
from whylstm.study.plan import plan
from whylstm.training import kernels


def test_what_the_study_runs_is_compiled_by_then(tmp_path):
    small = plan(config.load(tier="smoke"))
    assert "lstm" in warm.warm(small)
    compiled = len(windows.signatures), len(kernels.gradients.signatures), len(kernels.outputs.signatures)
    assert min(compiled) > 0
    for point in {point.cell: point for point in small.points}.values():
        simulate.measure(point, 1, 0, np.zeros((point.length, 3)))
    trial = max(small.networks, key=lambda trial: trial.longest)
    warm.train.run_chunk({trial: 1}, 1, tmp_path)
    assert compiled == (len(windows.signatures), len(kernels.gradients.signatures), len(kernels.outputs.signatures))
