"""What the pages in docs/ name is there, and what they show runs."""

import re
import shutil
import subprocess
import sys

import pytest
import yaml

from tests.docs.blocks import DOCS, block
from whylstm import families, records
from whylstm.__main__ import FAMILY, main
from whylstm.records.dictionary_page import page
from whylstm.study.config import load
from whylstm.study.design import design
from whylstm.study.schema import ROOT
from whylstm.study.trials import replicates, trials

PAGES = sorted(path.name for path in DOCS.glob("*.md"))
PATH = re.compile(
    r"(?<![\w/.-])(?:(?:src|tests|docs|workflow|notebooks|benchmarks)/[\w./-]*[\w/]|[\w-]+\.(?:yaml|toml|cff))(?![\w<*/])"
)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
EXAMPLES = {
    "src/whylstm/cells/cfn.py",
    "src/whylstm/tasks/majority.py",
    "workflow/profiles/slurm/site.yaml",
    "site.yaml",
}
"""Files that a page asks its reader to write."""


@pytest.mark.parametrize("name", PAGES)
def test_every_path_that_a_page_names_exists(name):
    text = (DOCS / name).read_text(encoding="utf-8")
    named = set(PATH.findall(text)) - EXAMPLES
    assert [path for path in sorted(named) if not ((ROOT / path).exists() or (DOCS / path).exists())] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_link_between_pages_leads_somewhere(name):
    links = LINK.findall((DOCS / name).read_text(encoding="utf-8"))
    assert [link for link in links if not (DOCS / link).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_command_that_a_page_names_exists(name):
    text = (DOCS / name).read_text(encoding="utf-8")
    known = {command.replace("_", "-") for command in families.names(FAMILY)}
    assert set(re.findall(r"python -m whylstm ([a-z][a-z-]*)", text)) <= known
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^    |&& )make ([a-z][a-z-]*)", text, re.MULTILINE)) <= targets


def test_the_paths_are_found():
    found = PATH.findall("see `src/whylstm/cells/gru.py`, `tests/claims/`, config.yaml; not `src/whylstm/<name>.py`")
    assert found == ["src/whylstm/cells/gru.py", "tests/claims/", "config.yaml"]


def test_the_graph_of_rules_in_docs_is_the_one_that_runs():
    made = subprocess.run(
        [sys.executable, "workflow/rule_graph.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (DOCS / "rules.md").read_text(encoding="utf-8") == made.stdout, "write it again: make docs"


def test_the_data_dictionary_in_docs_is_the_one_that_the_tables_are_checked_by():
    written = (DOCS / "data-dictionary.md").read_text(encoding="utf-8")
    assert written == page(), "run: python -m whylstm dictionary > docs/data-dictionary.md"


def test_every_column_has_a_row_with_its_meaning(capsys):
    text = page()
    for entry in records.tables().values():
        assert entry.sentence in text
        for name, column in entry.columns.items():
            assert f"| `{name}` | {column.dtype}" in text
            assert column.meaning.replace("|", "\\|") in text
    assert main(["dictionary", "lag_profile"]) == 0
    assert capsys.readouterr().out.startswith("## `lag_profile`\n")
    assert main(["dictionary", "lag_profil"]) == 2
    assert "did you mean 'lag_profile'" in capsys.readouterr().err


def test_the_example_of_reading_a_table_runs_and_shows_every_lstm_of_the_grid(tmp_path, monkeypatch, capsys):
    tables = tmp_path / "results" / "smoke" / "tables"
    shutil.copytree(ROOT / "tests" / "reference" / "smoke" / "tables", tables)
    monkeypatch.chdir(tmp_path)
    exec(compile(block("read-a-table.md", "python"), "read-a-table.md", "exec"), {})
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["gain", "forget_bias", "median", "low", "high", "n", "coverage"]
    points = records.read_table(tables / "points.parquet", "points")
    wanted = points.query("cell == 'lstm' and initialisation == 'gaussian' and task == 'noise' and hidden == 16")
    assert len(rows) == len(wanted) > 0


def test_the_grid_of_the_page_is_a_config(tmp_path):
    (tmp_path / "config.yaml").write_text(block("change-the-grid.md", "config"))
    assert len(design(load(tmp_path / "config.yaml"))) == 2 * 5 * 3 * 2 + 1
    assert yaml.safe_load(block("change-the-grid.md", "config"))


def test_the_training_of_the_page_is_a_config():
    config = load(overrides=yaml.safe_load(block("change-the-grid.md", "training")))
    found = trials(config["training"])
    arms = ("tanh", "chrono", "slow_chrono", "attention")
    assert set(found) == {("shallow", "gru"), *(("order", arm) for arm in arms)}
    assert {len(each) for (experiment, _), each in found.items() if experiment == "order"} == {3}
    assert sorted(set(replicates(config["training"]).values())) == [5, 10]


def test_the_article_map_names_every_claim_and_no_more():
    text = (DOCS / "article-map.md").read_text(encoding="utf-8")
    named = set(re.findall(r"src/whylstm/claims/(c\d\d)\.py", text))
    assert named == set(families.names("whylstm.claims"))
