"""Run a notebook and publish it: percent source -> executed notebook -> page, with the same bytes on every run.

A notebook is a Python file in jupytext's percent format. It is executed in the log folder, where it stays as evidence
if a cell fails, and published only when every cell has run. Parameters are checked against the cell that is tagged
``parameters`` (papermill itself takes a misspelt one without a word). The kernel is this very Python, reached over
local sockets, so that two runs never race for a port and no kernel of the user's is started by mistake.
"""

from __future__ import annotations

import ast
import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from whylstm.article.render import REPORT
from whylstm.errors import StudyError
from whylstm.families import did_you_mean
from whylstm.records import write_bytes

PACKAGE_ROOT = Path(__file__).resolve().parents[2]


def execute(
    source: str | Path,
    parameters: Mapping[str, Any],
    ipynb: str | Path,
    html: str | Path,
    log_dir: str | Path,
    report_dir: str | Path = REPORT,
) -> None:
    """Run a notebook and publish it as notebook and as a page that needs no network.

    Args:
        source: the percent-format ``.py`` file.
        parameters: values for the parameters cell, by name.
        ipynb: the published notebook.
        html: the published page.
        log_dir: where it runs and where it stays if it fails.
        report_dir: folder of the page's template.

    Raises:
        StudyError: if a parameter is unknown or a cell fails, naming the cell's error and the notebook in the log.
    """
    notebook = read(source)
    check(notebook, parameters, Path(source).name)
    executed = normalised(run(notebook, parameters, Path(log_dir), Path(source).stem))
    content = page(executed, report_dir)
    write_bytes(ipynb, written(executed))
    write_bytes(html, content.encode())


def read(source: str | Path) -> Any:
    """Return a percent-format file as a notebook.

    Raises:
        StudyError: if the file is missing.
    """
    import jupytext

    if not Path(source).is_file():
        raise StudyError(f"there is no notebook {source}")
    return jupytext.read(source, fmt="py:percent")


def check(notebook: Any, parameters: Mapping[str, Any], name: str) -> None:
    """Check that every parameter is one that the parameters cell sets.

    Raises:
        StudyError: if one is not, with the nearest name, or if the notebook has no parameters cell.
    """
    known = [name for cell in _tagged(notebook, "parameters") for name in assigned(cell.source)]
    if not known:
        raise StudyError(f"notebook {name} has no cell tagged 'parameters' that sets one")
    for parameter in parameters:
        if parameter not in known:
            raise StudyError(
                f"notebook {name} has no parameter {parameter!r}; {did_you_mean(parameter, sorted(known))}"
            )


def assigned(code: str) -> list[str]:
    """Return the names that the statements of a cell assign, in order.

    >>> assigned("results = 'results'; lags: int = 3")
    ['results', 'lags']
    """
    names = []
    for statement in ast.parse(code).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        names += [target.id for target in targets if isinstance(target, ast.Name)]
    return names


def run(notebook: Any, parameters: Mapping[str, Any], log_dir: Path, stem: str) -> Any:
    """Return the executed notebook; it is run in, and stays in, the log folder.

    Raises:
        StudyError: if a cell fails, or the kernel is killed.
    """
    import nbformat
    import papermill

    from whylstm.article.kernel import KernelHere

    log_dir.mkdir(parents=True, exist_ok=True)
    before, after = log_dir / f"{stem}.source.ipynb", log_dir / f"{stem}.ipynb"
    write_bytes(before, written(notebook))
    options = {"kernel_name": "python3", "progress_bar": False, "kernel_manager_class": KernelHere}
    try:
        with _private_kernel():
            papermill.execute_notebook(str(before), str(after), dict(parameters), **options)
    except papermill.PapermillExecutionError as error:
        reason = f"{error.ename}: {' '.join(error.evalue.split())}"
        raise StudyError(f"notebook {stem} failed with {reason}; the executed cells are in {after}") from error
    except RuntimeError as error:
        if type(error).__name__ != "DeadKernelError":  # of nbclient, which papermill runs cells with
            raise
        reason = "its kernel was killed, perhaps for lack of memory; run fewer jobs at once (--cores)"
        raise StudyError(f"notebook {stem} failed: {reason}; the executed cells are in {after}") from error
    return nbformat.read(after, as_version=4)


def normalised(notebook: Any) -> Any:
    """Return the notebook without what differs from run to run: times, random ids, and how output came in pieces."""
    from copy import deepcopy

    clean = deepcopy(notebook)
    ran = clean.metadata.pop("papermill", {})
    clean.metadata["papermill"] = {"parameters": ran.get("parameters", {})}
    clean.metadata.pop("widgets", None)
    for index, cell in enumerate(clean.cells):
        cell["id"] = f"cell-{index:03d}"
        cell["metadata"] = {key: value for key, value in cell.metadata.items() if key == "tags"}
        if cell.cell_type == "code":
            cell["outputs"] = _joined(cell.outputs)
    return clean


def written(notebook: Any) -> bytes:
    """Return a notebook as bytes."""
    import nbformat

    return (nbformat.writes(notebook, version=4).rstrip("\n") + "\n").encode()


def page(notebook: Any, report_dir: str | Path) -> str:
    """Return an executed notebook as a self-contained page in the article's style; code that only sets up is left out.

    Args:
        notebook: an executed notebook.
        report_dir: ``workflow/report``.
    """
    from copy import deepcopy

    from whylstm.article import pandoc, render

    shown = deepcopy(notebook)
    title, shown.cells[0]["source"] = _title(shown.cells[0].source)
    shown["cells"] = [cell for cell in shown.cells if not {"injected-parameters"} & set(cell.metadata.get("tags", []))]
    options = (f"--metadata=title:{title}", "--metadata=lang:en-GB", *pandoc.references(report_dir))
    return render.page_of(report_dir, written(shown).decode(), options, source="ipynb")


def _title(markdown: str) -> tuple[str, str]:
    first, _, rest = markdown.partition("\n")
    if not first.startswith("# "):
        raise StudyError(f"a notebook must open with its title, '# ...', but opens with {first!r}")
    return first.removeprefix("# ").strip(), rest.strip()


def _tagged(notebook: Any, tag: str) -> list[Any]:
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def _joined(outputs: list[Any]) -> list[Any]:
    """Return the outputs with neighbouring pieces of one stream joined: where they break depends on timing."""
    joined: list[Any] = []
    for output in outputs:
        if output.output_type == "stream" and joined and joined[-1].get("name") == output.name:
            joined[-1]["text"] += output.text
        else:
            joined.append(output)
    return joined


@contextlib.contextmanager
def _private_kernel() -> Iterator[None]:
    """Give the kernel a short private folder for its sockets, no settings of the user's, and this package."""
    with tempfile.TemporaryDirectory(prefix="nb") as folder:
        path = os.pathsep.join(filter(None, [str(PACKAGE_ROOT), os.environ.get("PYTHONPATH", "")]))
        ours = {"JUPYTER_RUNTIME_DIR": folder, "IPYTHONDIR": folder, "PYTHONPATH": path, "PYTHONHASHSEED": "0"}
        before = {name: os.environ.get(name) for name in ours}
        os.environ.update(ours)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
