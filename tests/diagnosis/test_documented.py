"""The first example of docs/own-network.md runs as it stands there."""

import re

import torch

from whylstm.study.schema import ROOT


def test_the_first_example_runs(tmp_path, monkeypatch):
    code = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "own-network.md").read_text(), re.S).group(1)
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    names = {}
    exec(compile(code, "own-network.md", "exec"), names)
    assert (tmp_path / "diagnosis" / "index.html").is_file()
    assert {"steps", "cosine"} <= set(names["found"].tables["truncation"].columns)
