"""The environment: what the code imports is declared, what is declared is justified, pinned and needed."""

import ast
import functools
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUN = [Requirement(line) for line in PROJECT["dependencies"]]
CLUSTER = [Requirement(line) for line in PROJECT["optional-dependencies"]["slurm"]]
DEVELOP = [Requirement(line) for line in PROJECT["optional-dependencies"]["dev"]]
DECLARED = RUN + CLUSTER + DEVELOP

NOT_IMPORTED = {
    "brotli": "imported by fonttools when it writes WOFF2",
    "ipykernel": "started as a module of its own",
    "import-linter": "a command",
    "mypy": "a command",
    "pytest-xdist": "an option of pytest",
    "ruff": "a command",
    "snakefmt": "a command",
    "snakemake-executor-plugin-slurm": "loaded by Snakemake where a profile names the executor",
    "types-jsonschema": "read by mypy",
    "types-pyyaml": "read by mypy",
}

MODULES = {
    "pillow": "PIL",
    "pypandoc-binary": "pypandoc",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
}

PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = (("linux", "Linux", "x86_64"), ("darwin", "Darwin", "arm64"))


def lock():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def pinned(requirement):
    (specifier,) = requirement.specifier
    assert specifier.operator == "==" and "*" not in specifier.version, requirement
    return specifier.version


@functools.cache
def imported_by_the_repository():
    """Return the top names that any Python file or rule of the repository imports."""
    folders = ("src", "workflow", "tests", "notebooks", "benchmarks")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    found = {"snakemake"}  # the Snakefile's own
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.split(".")[0])
    return found


def module_of(name):
    return MODULES.get(canonicalize_name(name), name.replace("-", "_"))


def test_every_import_is_declared():
    ours = {"whylstm", "tests", "base", "snakemake_logger_plugin_whylstm"}
    ours |= {path.stem for folder in ("workflow", "benchmarks") for path in (ROOT / folder).rglob("*.py")}
    declared = {module_of(item.name).lower() for item in DECLARED} | {"packaging"}  # which pytest brings along
    lines = (ROOT / "benchmarks" / "requirements.txt").read_text().splitlines()
    declared |= {module_of(Requirement(line).name) for line in lines if line and not line.startswith("#")}
    others = imported_by_the_repository() - ours - set(sys.stdlib_module_names)
    assert {name for name in others if name.lower() not in declared} == set()


def test_every_declared_package_is_used():
    imported = {name.lower() for name in imported_by_the_repository()}
    unused = {canonicalize_name(item.name) for item in DECLARED if module_of(item.name).lower() not in imported}
    assert unused == set(NOT_IMPORTED)


@pytest.mark.parametrize(
    ("title", "expected"), [("To run the study", RUN), ("To run it on a cluster", CLUSTER), ("To develop it", DEVELOP)]
)
def test_every_declared_package_is_justified_in_one_line(title, expected):
    text = (ROOT / "DEPENDENCIES.md").read_text().partition(f"## {title}\n")[2].partition("\n## ")[0]
    justified = re.findall(r"^- \*\*([\w.-]+)\*\*: \w.*\.$|^- .*", text, re.MULTILINE)
    assert justified == [item.name for item in expected]


def test_the_lock_pins_each_package_once_and_names_no_host():
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text and "--" not in text and "nvidia" not in text
    names = [canonicalize_name(item.name) for item in lock()]
    assert names == sorted(set(names))
    assert all(pinned(item) for item in lock())


def test_the_lock_satisfies_what_is_declared():
    pins = {canonicalize_name(item.name): pinned(item) for item in lock()}
    for item in DECLARED:
        assert item.specifier.contains(pins[canonicalize_name(item.name)]), item


def needed():
    """Return every package that the declared ones need, directly or not, on any supported Python and platform."""
    environments = [
        {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system}
        | {"platform_system": name, "platform_machine": machine, "implementation_name": "cpython"}
        for python in PYTHONS
        for system, name, machine in PLATFORMS
    ]
    found, waiting = {}, [(item.name, frozenset(item.extras)) for item in DECLARED]
    while waiting:
        name, extras = waiting.pop()
        name = canonicalize_name(name)
        if name in found and extras <= found[name]:
            continue
        found[name] = found.get(name, frozenset()) | extras
        for line in requirements_of(name):
            item = Requirement(line)
            if any(applies(item, environment, extras) for environment in environments):
                waiting.append((item.name, frozenset(item.extras)))
    return set(found)


def requirements_of(name):
    try:
        return importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []  # needed on another Python or platform than this one; it is in the lock with a marker


def applies(item, environment, extras):
    if item.marker is None:
        return True
    return any(item.marker.evaluate(environment | {"extra": extra}) for extra in {"", *extras})


def test_the_lock_holds_all_that_is_needed_and_nothing_else():
    """CUDA's own packages are left to torch: which of them it needs depends on the build that pip finds."""
    cuda = re.compile(r"nvidia-|cuda-|triton")
    unconditional = {canonicalize_name(item.name) for item in lock() if item.marker is None}
    conditional = {canonicalize_name(item.name) for item in lock() if item.marker is not None}
    wanted = {name for name in needed() if not cuda.match(name)}
    assert unconditional - wanted == set()
    assert wanted - unconditional - conditional == set()


def test_what_is_installed_is_what_the_lock_says():
    """A local version (+cpu) is the same release, built for another processor."""
    for item in lock():
        if item.marker is None or item.marker.evaluate():
            installed = importlib.metadata.version(item.name).partition("+")[0]
            assert installed == pinned(item), item.name


def test_the_conda_environment_is_in_step_with_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, _, pip = environment["dependencies"]
    assert python.replace("python ", "") == PROJECT["requires-python"]
    pins = {canonicalize_name(item.name): str(item.specifier) for item in lock()}
    listed = [Requirement(line) for line in pip["pip"]]
    assert [item.name for item in listed] == [canonicalize_name(item.name) for item in RUN]
    assert {item.name: str(item.specifier) for item in listed} == {item.name: pins[item.name] for item in listed}


def find_python(choice):
    environment = {"PATH": "/usr/bin:/bin", "PYTHON": str(choice)}
    command = ["bash", str(ROOT / "workflow" / "find_python.sh")]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_the_python_that_is_named_is_taken_if_it_fits():
    found = find_python(sys.executable)
    assert (found.returncode, found.stdout.strip()) == (0, sys.executable)


@pytest.mark.parametrize(
    ("version", "says"), [("Python 3.9.2", "is Python 3.9.2"), ("Python 3.14.0", "is Python 3.14.0")]
)
def test_a_python_that_does_not_fit_is_refused_in_one_line(tmp_path, version, says):
    fake = tmp_path / "a python"
    fake.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "{version}" || exit 1\n')
    fake.chmod(0o755)
    found = find_python(fake)
    assert found.returncode == 1
    assert found.stderr.count("\n") == 1
    assert f"needs Python 3.11, 3.12 or 3.13, but {fake} {says}; name another one: make PYTHON=" in found.stderr
