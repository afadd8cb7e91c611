from whylstm.study import machine
from whylstm.study.machine import available_memory


def test_a_containers_limit_counts(tmp_path, monkeypatch):
    free = available_memory()
    assert free > 0
    limit, used = tmp_path / "max", tmp_path / "current"
    limit.write_text("1000000\n")
    used.write_text("400000\n")
    monkeypatch.setattr(machine, "_LIMITS", ((limit, used),))
    assert available_memory() == 600_000
    limit.write_text("max\n")
    assert available_memory() > 600_000
