"""Studies for the tests of the workflow."""

import shutil

import pytest

from tests.workflow.harness import Study
from tests.workflow.small import TARGETS, small


@pytest.fixture(scope="session")
def checkout(tmp_path_factory):
    """A copy of the repository for tests that change nothing in it."""
    return Study.copied(tmp_path_factory.mktemp("checkout") / "a study")


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A study of the smoke tier whose every job has run, as stubs."""
    study = Study.copied(tmp_path_factory.mktemp("finished")).with_stubs()
    done = study.snakemake("--cores", "2", "--config", "tier=smoke", "--quiet", "all")
    assert done.returncode == 0, done.stdout + done.stderr
    return study


@pytest.fixture(scope="session")
def everything(finished):
    """All jobs of the finished study, by rule."""
    return finished.todo("--config", "tier=smoke", "--forceall")


@pytest.fixture
def study(finished, tmp_path):
    """A copy of the finished study, to be changed."""
    shutil.copytree(finished.folder, tmp_path / "study", copy_function=shutil.copy2, dirs_exist_ok=True)
    return Study(tmp_path / "study")


@pytest.fixture(scope="session")
def computed(tmp_path_factory):
    """A small study, truly computed up to one table."""
    study = small(tmp_path_factory.mktemp("computed") / "study")
    done = study.make("--cores", "2", *TARGETS)
    assert done.returncode == 0, done.stdout + done.stderr
    return study


@pytest.fixture
def copied(computed, tmp_path):
    """A copy of the computed study, to be harmed."""
    shutil.copytree(computed.folder, tmp_path / "study", copy_function=shutil.copy2)
    return Study(tmp_path / "study")
