"""Ways to bring the software along: conda environments, a container image, and what the workflow catalog asks for.

Neither conda nor apptainer is here; stand-ins answer as they do, so that what Snakemake makes of our rules is true.
"""

import importlib.util
import re
import shutil
import sys
import tomllib

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from tests.workflow.harness import ROOT, Study, environment

pytestmark = pytest.mark.xdist_group("deployment")

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RECIPE = ROOT / "workflow" / "container" / "apptainer.def"
SMOKE = "tier=smoke"

CONDA = """#!/usr/bin/env python3
import json, sys
info = {"conda_prefix": "/opt/conda", "conda_version": "25.1.0", "platform": "linux-64", "root_prefix": "/opt/conda"}
if sys.argv[1:] == ["--version"]:
    print("conda 25.1.0")
elif sys.argv[1] == "info":
    print(json.dumps(info))
elif sys.argv[1] == "config":
    print(json.dumps({"get": {"channel_priority": "strict"}}))
else:
    sys.exit(f"conda {sys.argv[1:]}")
"""
APPTAINER = """#!/usr/bin/env python3
import os, pathlib, sys
if sys.argv[1:] == ["--version"]:
    print("apptainer version 1.3.4")
else:
    *before, image, shell, flag, command = sys.argv[1:]
    pathlib.Path("called").write_text(f"{image} {shell}")
    os.execvp(shell, [shell, flag, command])
"""


@pytest.fixture(scope="module")
def standing_in(tmp_path_factory):
    """Return a path on which stand-ins of conda and apptainer come first."""
    folder = tmp_path_factory.mktemp("bin")
    for name, text in (("conda", CONDA), ("apptainer", APPTAINER)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return f"{folder}:{sys.prefix}/bin:{environment()['PATH']}"


def snakemake(study, path, *words):
    return study.run("env", f"PATH={path}", sys.executable, "-m", "snakemake", "--config", SMOKE, *words)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study.copied(tmp_path_factory.mktemp("deployed") / "study")


def sections(text):
    """Return the header and the sections of an Apptainer definition."""
    head, *rest = re.split(r"^%(\w+)\n", text, flags=re.MULTILINE)
    return {"header": head} | dict(zip(rest[::2], rest[1::2], strict=True))


def test_every_rule_with_a_script_names_the_one_environment():
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")):
        for block in re.split(r"^rule ", path.read_text(), flags=re.MULTILINE)[1:]:
            if "    script:" in block:
                assert '    conda:\n        "../../environment.yml"\n' in block, f"{path.name}: {block.split(':')[0]}"


def test_conda_users_get_one_environment_for_all_jobs(study, standing_in):
    done = snakemake(study, standing_in, "--list-conda-envs")
    assert done.returncode == 0, done.stderr
    head, *rows = done.stdout.splitlines()
    assert head.split("\t") == ["environment", "container", "location"]
    assert [row.split("\t")[0].removeprefix("./") for row in rows] == ["environment.yml"]
    dry = snakemake(study, standing_in, "--dry-run", "--software-deployment-method", "conda")
    assert dry.returncode == 0, dry.stderr
    assert "environment.yml will be created" in dry.stdout + dry.stderr


def test_without_the_image_its_making_is_named_before_any_job(study, standing_in):
    done = snakemake(study, standing_in, "--cores", "1", "--software-deployment-method", "apptainer")
    assert done.returncode != 0
    assert done.stderr == (
        "the image whylstm.sif is missing; apptainer build whylstm.sif workflow/container/apptainer.def makes it\n"
    )


def test_a_job_runs_inside_the_image(study, standing_in):
    """The stand-in runs what it is given outside; what it is given is what apptainer would get."""
    (study.folder / "whylstm.sif").touch()
    target = "results/smoke/tables/points.parquet"
    done = snakemake(study, standing_in, "--cores", "1", "--software-deployment-method", "apptainer", "--", target)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (study.folder / "called").read_text().startswith("whylstm.sif ")
    assert (study.folder / target).stat().st_size > 0


def test_the_recipe_holds_what_an_image_needs():
    parts = sections(RECIPE.read_text())
    assert {"header", "files", "post", "environment", "runscript", "test", "labels"} == set(parts)
    header = dict(line.split(": ", 1) for line in parts["header"].splitlines() if line and not line.startswith("#"))
    assert set(header) == {"Bootstrap", "From"}
    python = re.fullmatch(r"python:(3\.\d+)-slim-\w+", header["From"])[1]
    assert f"{python}.0" in SpecifierSet(PROJECT["requires-python"])


def test_the_recipe_has_no_pins_of_its_own_but_installs_the_lock():
    parts = sections(RECIPE.read_text())
    (copied,) = (line.split() for line in parts["files"].splitlines() if line.strip())
    assert (ROOT / copied[0]).is_file() and copied[0] == "requirements.lock"
    installed = [line.strip() for line in parts["post"].splitlines() if "pip install" in line]
    assert installed == [f"python -m pip install --no-cache-dir --requirement {copied[1]}"]
    assert "==" not in RECIPE.read_text()


@pytest.mark.parametrize("part", ["post", "environment", "runscript", "test"])
def test_what_the_recipe_runs_is_shell(part, tmp_path, study):
    (tmp_path / "script").write_text(sections(RECIPE.read_text())[part])
    done = study.run("sh", "-n", str(tmp_path / "script"))
    assert done.returncode == 0, done.stderr


def test_the_image_is_tested_for_packages_that_the_lock_has():
    named = re.search(r'-c "import (.*)"', sections(RECIPE.read_text())["test"])[1].split(", ")
    assert len(named) > 5 and all(importlib.util.find_spec(name) for name in named)


def test_the_catalog_finds_all_that_it_asks_of_a_standard_workflow():
    """As its own generator checks it: a Snakefile in workflow/, rules in .smk files, settings, and config/README.md."""
    assert (ROOT / "workflow" / "Snakefile").is_file() and (ROOT / "config" / "README.md").is_file()
    assert all(path.suffix == ".smk" for path in (ROOT / "workflow" / "rules").iterdir() if path.is_file())
    words = (ROOT / "README.md").read_text().lower()
    assert "snakemake" in words and "workflow" in words
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage["report"] is True
    assert usage["software-stack-deployment"] == {"conda": True, "apptainer": True, "apptainer+conda": False}
    assert usage["mandatory-flags"]["flags"] == ""


def test_both_doors_lead_to_the_same_jobs(study):
    def planned(*words):
        done = study.snakemake("--dry-run", "--config", SMOKE, *words)
        assert done.returncode == 0, done.stderr
        return dict(re.findall(r"^(\w+) +(\d+)$", done.stdout, re.MULTILINE))

    front, side = planned(), planned("--snakefile", "workflow/Snakefile")
    assert front.pop("all") == side.pop("whole_study") == "1"
    assert front == side and int(front["total"]) > 50


def test_rules_without_their_package_say_where_they_belong(tmp_path):
    """Snakemake's module statement takes rules from elsewhere, and leaves the package behind."""
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow")
    shutil.copy(ROOT / "Snakefile", tmp_path)
    done = Study(tmp_path).snakemake("--dry-run")
    assert done.returncode != 0
    assert done.stderr.startswith("the study is run from a clone of its repository")


def test_a_study_runs_from_a_folder_and_an_environment_with_spaces_in_their_names(tmp_path):
    study = Study.copied(tmp_path / "my work" / "why it's so").with_stubs()
    (tmp_path / "my environment").symlink_to(sys.prefix)
    python = str(tmp_path / "my environment" / "bin" / "python")
    done = study.run(python, "workflow/run.py", "--tier", "smoke", "--cores", "1", "list_points")
    assert done.returncode == 0, done.stderr[-2000:]
    assert (study.folder / "results" / "smoke" / "tables" / "points.parquet").is_file()
