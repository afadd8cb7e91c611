"""The digest of sources: an edit changes what depends on it, a comment or a touch changes nothing."""

import os

import pytest

from whylstm import sources
from whylstm.errors import StudyError

FILES = {
    "__init__.py": '__version__ = "1"\n',
    "errors.py": "class E(Exception):\n    'An error.'\n",
    "tools.py": "from whylstm.errors import E\n\n\ndef twice(x):\n    return 2 * x\n",
    "cells/__init__.py": "from whylstm import tools\n",
    "cells/base.py": '"""Base."""\nlimit = 3\n',
    "cells/lstm.py": "from . import base\n\nCELL = base.limit\n",
    "cells/gru.py": "from .base import limit\n\nCELL = limit\n",
    "stage.py": "def run(name):\n    import whylstm.tools as t\n    return t.twice(name)\n",
}


@pytest.fixture
def package(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def digest(package, *modules, **options):
    for kept in (sources._module, sources._tree):
        kept.cache_clear()
    return sources.digest(*modules, root=package, **options)


def edited(package, name, old, new):
    path = package / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_the_closure_follows_absolute_relative_and_local_imports(package):
    assert sources.closure("whylstm.stage", root=package) == ["whylstm.errors", "whylstm.stage", "whylstm.tools"]
    lstm = sources.closure("whylstm.cells.lstm", root=package)
    assert lstm == ["whylstm.cells", "whylstm.cells.base", "whylstm.cells.lstm", "whylstm.errors", "whylstm.tools"]
    assert "whylstm.cells.base" in sources.closure("whylstm.cells.gru", root=package)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("tools.py", "return 2 * x", "return 2 * x  # doubled"),
        ("tools.py", "def twice(x):", 'def twice(x):\n    """Return x + x."""'),
        ("tools.py", "return 2 * x", "return (\n        2\n        * x\n    )"),
        ("errors.py", "'An error.'", "'Another sentence.'"),
        ("cells/base.py", "Base", "The base"),
        ("__init__.py", '"1"', '"2"'),
    ],
)
def test_comments_docstrings_layout_and_the_version_do_not_count(package, name, old, new):
    before = digest(package, "whylstm.stage", "whylstm.cells.lstm")
    edited(package, name, old, new)
    assert digest(package, "whylstm.stage", "whylstm.cells.lstm") == before


def test_a_touch_does_not_count(package):
    before = digest(package, "whylstm.stage")
    os.utime(package / "tools.py", (1, 1))
    assert digest(package, "whylstm.stage") == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("tools.py", "2 * x", "3 * x"),
        ("tools.py", "def twice(x):", 'def twice(x):\n    print("twice")'),
        ("errors.py", "Exception", "ValueError"),
        ("stage.py", "twice(name)", "twice(name + 1)"),
    ],
)
def test_an_edit_counts_wherever_it_is_reached_and_only_there(package, name, old, new):
    before, apart = digest(package, "whylstm.stage"), digest(package, "whylstm.cells.base", without=["whylstm.cells"])
    edited(package, name, old, new)
    assert digest(package, "whylstm.stage") != before
    assert digest(package, "whylstm.cells.base", without=["whylstm.cells"]) == apart


def test_another_member_of_a_family_changes_no_digest(package):
    before = digest(package, "whylstm.stage", "whylstm.cells.lstm")
    (package / "cells" / "leaky.py").write_text("CELL = 1\n")
    edited(package, "cells/gru.py", "CELL = limit", "CELL = limit + 1")
    assert digest(package, "whylstm.stage", "whylstm.cells.lstm") == before


def test_the_order_of_the_modules_does_not_count(package):
    assert digest(package, "whylstm.stage", "whylstm.tools") == digest(package, "whylstm.tools", "whylstm.stage")


def test_what_is_left_out_does_not_count(package):
    before = digest(package, "whylstm.stage", without=["whylstm.tools"])
    edited(package, "tools.py", "2 * x", "3 * x")
    assert digest(package, "whylstm.stage", without=["whylstm.tools"]) == before


def test_a_module_that_does_not_exist_is_named(package):
    with pytest.raises(StudyError, match=r"no module 'whylstm\.cells\.rnn'"):
        digest(package, "whylstm.cells.rnn")


def test_a_module_that_is_no_python_is_named(package):
    edited(package, "tools.py", "def twice(x):", "def twice(x")
    with pytest.raises(StudyError, match=r"tools\.py is no Python"):
        digest(package, "whylstm.stage")


def test_the_real_package_s_root_holds_nothing_but_its_version():
    """The root file is left out of every digest, so it may not hold code that a result depends on."""
    tree = sources.ast.parse((sources.ROOT / "__init__.py").read_text())
    names = {target.id for node in tree.body if isinstance(node, sources.ast.Assign) for target in node.targets}
    functions = {node.name for node in tree.body if isinstance(node, sources.ast.FunctionDef)}
    assert names == {"__version__", "__all__"}
    assert functions == {"__getattr__"}  # the lazy door to ``diagnose``, which no result depends on


def test_the_code_of_a_script_counts_and_its_comments_do_not(package):
    script = package / "script.py"
    script.write_text('"""A door."""\nprint(1)\n')
    before = digest(package, scripts=[script])
    script.write_text('"""The door."""\nprint(1)  # one\n')
    assert digest(package, scripts=[script]) == before
    script.write_text("print(2)\n")
    assert digest(package, scripts=[script]) != before


FIGURE = """
from somewhere import Figure, draw
from whylstm.cells import base
READS = ("reach", "phase")
def verdict(tables): return make(tables=3)
FIGURE = Figure("x", draw, number=7, tables=READS, picture=draw, titles={"holds": base.limit}, scale=(1, -2.5))
"""

STATISTIC = """
class Reach(Statistic):
    records: ClassVar[tuple[str, ...]] = ("profiles",)
    tables = ()
STATISTIC = Reach(lags=4)
"""


@pytest.mark.parametrize(
    ("text", "attribute", "expected"),
    [
        (
            FIGURE,
            "FIGURE",
            {
                "arguments": ("x", ...),
                "number": 7,
                "tables": ("reach", "phase"),
                "titles": {"holds": 3},
                "scale": (1, -2.5),
            },
        ),
        (STATISTIC, "STATISTIC", {"arguments": (), "records": ("profiles",), "tables": (), "lags": 4}),
    ],
)
def test_what_a_part_declares_is_read_without_importing_it(package, text, attribute, expected):
    (package / "part.py").write_text(text)
    assert sources.declared("whylstm.part", attribute, root=package) == expected


def test_a_part_that_declares_nothing_is_named(package):
    with pytest.raises(StudyError, match=r"whylstm\.tools must define FIGURE by a call"):
        sources.declared("whylstm.tools", "FIGURE", root=package)


def test_the_parts_of_a_family_are_the_files_that_define_them(package):
    for name, text in {"fig02": FIGURE, "fig10": FIGURE.replace("7", "8"), "_help": FIGURE, "style": "x = 1"}.items():
        (package / "figures").mkdir(exist_ok=True)
        (package / "figures" / f"{name}.py").write_text(text)
    found = sources.parts("whylstm.figures", "FIGURE", root=package)
    assert {name: facts["number"] for name, facts in found.items()} == {"fig02": 7, "fig10": 8}


def test_a_part_that_is_loaded_by_a_fixed_name_is_found(package):
    edited(package, "tools.py", "return 2 * x", 'return load("lstm", "the gru")')
    digest(package)  # forget what was read before the edit
    assert sources.mentioned("whylstm.cells", "whylstm.stage", root=package) == ["lstm"]
