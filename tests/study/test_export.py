"""What is exported is enough to find the study's numbers by other means."""

import json
import re

import numpy as np
import pandas as pd
import pytest
import torch

from whylstm.__main__ import main
from whylstm.commands.export import chosen
from whylstm.errors import StudyError
from whylstm.study.config import load
from whylstm.study.plan import plan
from whylstm.study.schema import ROOT

PLAN = plan(load(tier="smoke"))
OURS = ("i", "f", "g", "o")
"""torch stacks the LSTM's gates in this order too."""


def point(cell):
    return next(p for p in PLAN.points if p.cell == cell and p.task == "noise" and p.initialisation == "gaussian")


@pytest.fixture(scope="module", params=["tanh", "lstm"])
def exported(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / request.param
    assert main(["export", point(request.param).id, "--tier", "smoke", "--replicates", "2", "--to", str(folder)]) == 0
    return folder


def arrays(folder, name):
    with np.load(folder / name, allow_pickle=False) as found:
        return dict(found)


def network(told, weights, replicate):
    """torch's own network with the exported weights."""
    gates = [told["gates"].index(gate) for gate in (OURS if len(told["gates"]) == 4 else told["gates"])]
    kind = torch.nn.LSTM if len(gates) == 4 else torch.nn.RNN
    hidden, features = weights["W"].shape[2:]
    made = kind(features, hidden, batch_first=True).double()
    stacked = {
        "weight_ih_l0": weights["W"][replicate, gates].reshape(-1, features),
        "weight_hh_l0": weights["U"][replicate, gates].reshape(-1, hidden),
        "bias_ih_l0": weights["b"][replicate, gates].reshape(-1),
        "bias_hh_l0": np.zeros(len(gates) * hidden),
    }
    made.load_state_dict({name: torch.from_numpy(value) for name, value in stacked.items()})
    return made


def test_torchs_own_network_finds_the_states_and_the_gradient(exported):
    told = json.loads((exported / "point.json").read_text())
    weights, states = arrays(exported, "weights.npz"), arrays(exported, "states.npz")
    inputs = torch.from_numpy(arrays(exported, "inputs.npz")["inputs"])
    profiles = pd.read_parquet(exported / "profiles.parquet").set_index(["replicate", "window", "lag"])
    end, lag = told["window_ends"][-1], 7
    for replicate in range(2):
        made = network(told, weights, replicate)
        start = tuple(torch.from_numpy(states[part][replicate, end - lag])[None] for part in told["state_parts"])

        def last(*parts, made=made, replicate=replicate):
            state = made(inputs[replicate, end - lag : end], parts if len(parts) > 1 else parts[0])[1]
            return torch.cat([part[0] for part in (state if isinstance(state, tuple) else (state,))])

        blocks = torch.autograd.functional.jacobian(last, start)
        whole = torch.cat([block[:, 0] for block in blocks], 1)
        after = np.concatenate([states[part][replicate, end] for part in told["state_parts"]])
        np.testing.assert_allclose(last(*start).detach(), after, rtol=0, atol=1e-13)
        norm = profiles.loc[(replicate, len(told["window_ends"]) - 1, lag), "norm"]
        assert float(torch.linalg.matrix_norm(whole).log10()) == pytest.approx(norm, abs=1e-10)


def test_the_same_config_gives_the_same_bytes(exported, tmp_path):
    told = json.loads((exported / "point.json").read_text())
    main(["export", told["point"], "--tier", "smoke", "--replicates", "2", "--to", str(tmp_path)])
    names = sorted(path.name for path in exported.iterdir())
    assert len(names) == 5
    assert [name for name in names if (tmp_path / name).read_bytes() != (exported / name).read_bytes()] == []


@pytest.mark.parametrize(("said", "told"), [("lstm", "begin so"), ("nothing", "no design point of this config")])
def test_a_point_that_is_not_one_is_told(said, told):
    with pytest.raises(StudyError, match=told):
        chosen(PLAN.points, said)


def test_no_replicate_is_refused_and_nothing_written(tmp_path, capsys):
    assert main(["export", point("tanh").id, "--tier", "smoke", "--replicates", "0", "--to", str(tmp_path / "x")]) != 0
    assert "--replicates is 0" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_the_point_that_the_docs_export_is_one_of_the_study():
    page = (ROOT / "docs" / "read-a-table.md").read_text(encoding="utf-8")
    assert chosen(plan(load()).points, re.search(r"whylstm export (\S+)", page)[1])
