"""Profiles: what a name stands for, and names that Snakemake would pass over in silence."""

import re

import pytest

from tests.workflow.harness import ROOT
from whylstm.errors import StudyError
from whylstm.launch import profiles


@pytest.fixture
def root(tmp_path, monkeypatch):
    for name in ("local", "slurm"):
        (tmp_path / "study" / profiles.FOLDER / name).mkdir(parents=True)
        (tmp_path / "study" / profiles.FOLDER / name / "config.yaml").write_text("cores: 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PWD", str(tmp_path))
    return tmp_path / "study"


def test_the_study_has_a_profile_for_one_machine_and_one_for_a_cluster():
    assert profiles.names(ROOT) == ["local", "slurm"]


def test_a_name_stands_for_a_profile_of_the_study_and_a_path_for_itself(root, tmp_path):
    assert profiles.find("slurm", root) == root / "workflow" / "profiles" / "slurm"
    (tmp_path / "mine.yaml").write_text("jobs: 3\n")
    assert profiles.find("mine.yaml", root) == tmp_path / "mine.yaml"


@pytest.mark.parametrize("said", ["slrum", "", "no/such/folder"])
def test_a_profile_that_is_not_there_is_refused_with_those_that_are(root, said):
    with pytest.raises(StudyError, match=rf"^there is no profile {re.escape(repr(said))}; .*allowed: local, slurm"):
        profiles.find(said, root)


@pytest.mark.parametrize(
    "words",
    [
        ["--workflow-profile", "slurm"],  # it is not beside the Snakefile, where Snakemake looks for a name
        ["--workflow-profile=workflow/profiles/slrum"],
        ["--cores", "2", "--workflow-prof", "slurm", "figures"],  # argparse takes any beginning that is clear
    ],
)
def test_a_workflow_profile_that_snakemake_would_pass_over_is_refused(root, words):
    with pytest.raises(StudyError, match=r"^there is no workflow profile .* all jobs would run on this machine;"):
        profiles.check_workflow_profile(words, root)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--workflow-profile", "none"],
        ["--workflow-profile", "study/workflow/profiles/slurm"],
        ["--profile", "whatever", "--config", "a=b"],  # Snakemake itself refuses a --profile that it does not find
        ["--workflow-profile"],  # Snakemake's own parser says what is wrong with it
    ],
)
def test_any_other_command_line_passes(root, words):
    profiles.check_workflow_profile(words, root)


def test_a_workflow_profile_may_stand_beside_the_snakefile(root):
    (root / "profiles" / "mine").mkdir(parents=True)
    profiles.check_workflow_profile(["--workflow-profile", "mine"], root)
    profiles.check_workflow_profile(["--workflow-profile", "slurm"], root, root / "workflow")
