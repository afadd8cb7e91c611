"""The notebooks show and compute nothing; they run on any results folder and come out the same every time."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest

from tests.article import fabricated
from tests.article.pages import Page, problems
from whylstm.article import notebooks
from whylstm.article.kernel import KernelHere
from whylstm.errors import StudyError
from whylstm.records import read_json

SOURCES = sorted(Path("notebooks").glob("*.py"))
FIGURES = (*fabricated.FIGURES, 14, 15, 16, 18, 19, 20, 24)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path("src").resolve())}
ALLOWED_IMPORTS = {"whylstm.article.show"}
ALLOWED_METHODS = {"at", "figure", "claim", "claims", "verdicts", "number", "numbers", "table"}


def code_of(path: Path) -> ast.Module:
    cells = jupytext.read(path).cells
    return ast.parse("\n".join(cell.source for cell in cells if cell.cell_type == "code"))


def computations(tree: ast.AST) -> list[str]:
    """Return what a tree does beyond showing: imports, calls and operators that a notebook may not use."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [f"import {name.name}" for name in node.names if name.name not in ALLOWED_IMPORTS]
        if isinstance(node, ast.ImportFrom) and node.module not in ALLOWED_IMPORTS:
            found.append(f"import {node.module}")
        if isinstance(node, ast.BinOp | ast.AugAssign | ast.Compare | ast.comprehension | ast.Lambda | ast.For):
            found.append(type(node).__name__)
        if isinstance(node, ast.Call) and not (
            isinstance(node.func, ast.Attribute) and node.func.attr in ALLOWED_METHODS
        ):
            found.append(f"call {ast.unparse(node.func)}")
    return found


def test_there_are_at_most_six_notebooks():
    assert 1 <= len(SOURCES) <= 6


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_computes_nothing(path):
    assert computations(code_of(path)) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import numpy", ["import numpy"]),
        ("from torch import nn", ["import torch"]),
        ("frame['a'] / 2", ["BinOp"]),
        ("frame.groupby('a')", ["call frame.groupby"]),
        ("frame.median()", ["call frame.median"]),
        ("[x for x in y]", ["comprehension"]),
        ("study.table('reach')", []),
    ],
)
def test_what_counts_as_computing(code, found):
    assert computations(ast.parse(code)) == found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_opens_with_its_title_and_has_a_results_parameter(path):
    notebook = notebooks.read(path)
    assert re.match(r"# \w", notebook.cells[0].source)
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    assert [notebooks.assigned(cell.source) for cell in tagged] == [["results"]]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return fabricated.write(tmp_path_factory.mktemp("study") / "results", figures=FIGURES)


def execute(source: Path, folder: Path, results: Path, **parameters) -> Path:
    target = folder / source.stem
    files = (target.with_suffix(".ipynb"), target.with_suffix(".html"))
    notebooks.execute(source, {"results": str(results), **parameters}, *files, folder / "logs")
    return target


@pytest.fixture(scope="module")
def executed(tmp_path_factory, results):
    folder = tmp_path_factory.mktemp("run")
    return {path.stem: execute(path, folder, results) for path in SOURCES}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_published_page_is_sound_and_reaches_for_nothing(executed, path):
    page = executed[path.stem].with_suffix(".html").read_text("utf-8")
    assert problems(page) == []
    assert Page.of(page).all("h1")[0].text == notebooks.read(path).cells[0].source.split("\n")[0].removeprefix("# ")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_cell_that_shows_has_shown(executed, path):
    notebook = nbformat.read(executed[path.stem].with_suffix(".ipynb"), as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.language_info.name == "python"
    for cell in notebook.cells:
        if cell.source.startswith("study."):
            assert [output.output_type for output in cell.outputs] == ["execute_result"], cell.source


def test_the_notebooks_show_every_claim_every_number_and_every_figure(executed, results):
    pages = "".join(target.with_suffix(".html").read_text("utf-8") for target in executed.values())
    shown = Page.of(executed["03_discussion"].with_suffix(".html").read_text("utf-8")).all("main")[0].text
    assert all(value["meaning"] in shown for value in read_json(results / "values.json").values())
    assert all(claim["sentence"] in shown for claim in read_json(results / "claims.json"))
    assert pages.count("data:image/svg+xml") == len(FIGURES)


def test_a_second_run_gives_the_same_bytes(executed, results, tmp_path):
    source = SOURCES[0]
    again = execute(source, tmp_path, results)
    for suffix in (".ipynb", ".html"):
        assert again.with_suffix(suffix).read_bytes() == executed[source.stem].with_suffix(suffix).read_bytes()


def test_two_notebooks_at_once_do_not_meet(tmp_path, results, executed):
    # Each in a process of its own, from one working directory, as a workflow runs them.
    code = "import sys; from whylstm.article import notebooks as n; n.execute(sys.argv[1], {'results': sys.argv[2]}"
    code += ", *sys.argv[3:])"
    running = []
    for source in SOURCES[:2]:
        target = tmp_path / source.stem
        files = (target.with_suffix(".ipynb"), target.with_suffix(".html"), tmp_path / "logs")
        running.append(subprocess.Popen([sys.executable, "-c", code, source, results, *files], env=ENVIRONMENT))
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    for source in SOURCES[:2]:
        made = (tmp_path / source.stem).with_suffix(".ipynb").read_bytes()
        assert made == executed[source.stem].with_suffix(".ipynb").read_bytes()
    assert not list(Path().glob("kernel-ipc*")), "no socket in the working directory"


def test_the_kernel_is_this_python_and_its_sockets_are_private(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    kernel = KernelHere()
    assert kernel.kernel_spec.argv[0] == sys.executable
    assert Path(kernel.ip).parent == tmp_path


def test_an_unknown_parameter_is_refused_before_anything_runs(tmp_path, results):
    with pytest.raises(StudyError, match=r"01_problem\.py has no parameter 'result'; did you mean 'results'\?"):
        notebooks.execute(SOURCES[0], {"result": "x"}, tmp_path / "a.ipynb", tmp_path / "a.html", tmp_path / "logs")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_notebook_stays_in_the_log_and_is_not_published(tmp_path):
    with pytest.raises(StudyError, match=r"notebook 01_problem failed with StudyError: cannot read .*claims\.json"):
        execute(SOURCES[0], tmp_path, tmp_path / "nowhere")
    assert not (tmp_path / "01_problem.ipynb").exists()
    assert "cannot read" in (tmp_path / "logs" / "01_problem.ipynb").read_text("utf-8")


def test_a_kernel_that_is_killed_is_named_and_nothing_is_published(tmp_path, results):
    source = tmp_path / "doomed.py"
    kill = "\n# %%\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
    source.write_text(SOURCES[0].read_text("utf-8") + kill, "utf-8")
    with pytest.raises(StudyError, match=r"notebook doomed failed: its kernel was killed, perhaps for lack of memory"):
        execute(source, tmp_path, results)
    assert not (tmp_path / "doomed.ipynb").exists()
    assert (tmp_path / "logs" / "doomed.ipynb").exists()


def test_a_notebook_without_parameters_and_one_that_is_not_there_are_refused(tmp_path):
    bare = tmp_path / "bare.py"
    bare.write_text("# %% [markdown]\n# # Title\n\n# %%\nx = 1\n", "utf-8")
    with pytest.raises(StudyError, match="has no cell tagged 'parameters'"):
        notebooks.check(notebooks.read(bare), {}, "bare.py")
    with pytest.raises(StudyError, match="there is no notebook"):
        notebooks.read(tmp_path / "none.py")


def test_normalising_joins_streams_and_removes_what_differs():
    pieces = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in ("a\n", "b\n")]
    cell = nbformat.v4.new_code_cell("1", outputs=pieces, metadata={"papermill": {"duration": 1.2}, "tags": ["x"]})
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"papermill": {"start_time": "now", "parameters": {}}})
    clean = notebooks.normalised(notebook)
    assert clean.metadata == {"papermill": {"parameters": {}}}
    assert clean.cells[0].id == "cell-000"
    assert clean.cells[0].metadata == {"tags": ["x"]}
    assert [output.text for output in clean.cells[0].outputs] == ["a\nb\n"]
