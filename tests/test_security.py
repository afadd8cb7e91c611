"""What the code never does: unpickle, read YAML with anything but the safe loader, evaluate text, or start a shell."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path for folder in ("src", "workflow", "notebooks", "benchmarks") for path in (ROOT / folder).rglob("*.py")
)
FORBIDDEN = {
    "pickle.load", "pickle.loads", "pickle.Unpickler", "marshal.load", "marshal.loads", "shelve.open", "dill.load",
    "joblib.load", "cloudpickle.load", "cloudpickle.loads", "pd.read_pickle", "pandas.read_pickle",
    "yaml.unsafe_load", "yaml.full_load", "yaml.load_all", "yaml.unsafe_load_all", "yaml.UnsafeLoader",
    "yaml.FullLoader", "yaml.Loader", "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
    "eval", "exec", "compile", "torch.jit.load", "torch.package.PackageImporter", "tempfile.mktemp",
}  # fmt: skip
"""Names that nothing may use; ``compile`` is the built-in one, not ``re.compile``."""

EXCEPTIONS = {"src/whylstm/training/dispatch.py": ["exec"]}
"""The one file that runs text, which it makes itself, of numbers alone: numba has no table of functions."""

SAFE_LOADERS = {"_Loader", "yaml.SafeLoader", "getattr(yaml, 'CSafeLoader', yaml.SafeLoader)"}


def uses(tree: ast.AST) -> list[str]:
    """Return what a file does that it must not, as ``line: what``."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and ast.unparse(node) in FORBIDDEN:
            found.append(f"{node.lineno}: {ast.unparse(node)}")
        if isinstance(node, ast.Call):
            found += [f"{node.lineno}: {what}" for what in wrong_call(node)]
    return found


def wrong_call(node: ast.Call) -> list[str]:
    name, said = ast.unparse(node.func), {word.arg: ast.unparse(word.value) for word in node.keywords}
    wrong = {
        "a shell": said.get("shell", "False") != "False",
        "torch.load without weights_only=True": name == "torch.load" and said.get("weights_only") != "True",
        "np.load that may unpickle": name in ("np.load", "numpy.load") and said.get("allow_pickle") != "False",
        "a template that escapes nothing": name.endswith("jinja2.Environment") and is_page(said),
        "yaml.load without a safe loader": name == "yaml.load" and said.get("Loader") not in SAFE_LOADERS,
        "allow_pickle": name not in ("np.load", "numpy.load") and said.get("allow_pickle", "False") != "False",
    }
    return [what for what, is_wrong in wrong.items() if is_wrong]


def is_page(said: dict[str, str]) -> bool:
    """Return whether a template makes HTML directly; one with delimiters of its own makes Markdown, for pandoc."""
    return said.get("autoescape") != "True" and "variable_start_string" not in said


def test_there_is_code_to_look_at():
    assert len(FILES) > 150


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_file_unpickles_evaluates_text_or_starts_a_shell(path):
    found = [use.partition(": ")[2] for use in uses(ast.parse(path.read_bytes()))]
    assert found == EXCEPTIONS.get(path.relative_to(ROOT).as_posix(), [])


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import pickle; pickle.load(f)", ["1: pickle.load"]),
        ("torch.load(f)", ["1: torch.load without weights_only=True"]),
        ("torch.load(f, weights_only=True)", []),
        ("np.load(f)", ["1: np.load that may unpickle"]),
        ("np.load(f, allow_pickle=False)", []),
        ("np.save(f, x, allow_pickle=True)", ["1: allow_pickle"]),
        ("yaml.load(f, Loader=yaml.Loader)", ["1: yaml.load without a safe loader", "1: yaml.Loader"]),
        ("subprocess.run(x, shell=True)", ["1: a shell"]),
        ("os.system(x)", ["1: os.system"]),
        ("eval(x)", ["1: eval"]),
        ("re.compile(x)", []),
        ("pickle.UnpicklingError", []),
    ],
)
def test_what_counts(code, found):
    assert sorted(uses(ast.parse(code))) == sorted(found)


@pytest.mark.parametrize("path", sorted((ROOT / "workflow" / "rules").glob("*.smk")), ids=lambda path: path.name)
def test_no_rule_has_a_shell_command(path):
    """Rules call scripts, which get values as Python objects; so nothing of a config ever stands in a command line."""
    text = path.read_text()
    assert "shell:" not in text
    assert "run:" not in text
