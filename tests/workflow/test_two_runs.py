"""Two runs at once in one folder: the first holds its lock for as long as it lives, the second says so and ends."""

import re
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.workflow.harness import Study

pytestmark = pytest.mark.xdist_group("workflow")

HELD_UP = """
import time
Path("here").touch()
while not Path("go").exists():
    time.sleep(0.05)
"""
TARGET = "results/smoke/explorer.html"


def test_a_second_run_is_refused_while_a_true_first_one_is_in_the_middle_of_its_work(finished, tmp_path):
    study = Study(Path(shutil.copytree(finished.folder, tmp_path / "study", copy_function=shutil.copy2)))
    script = study.folder / "workflow" / "scripts" / "explorer.py"
    script.write_text(script.read_text() + HELD_UP)
    (study.folder / TARGET).unlink()
    words = ("--tier", "smoke", "--cores", "1", TARGET)
    first = study.start(sys.executable, "workflow/run.py", *words)
    try:
        last = time.monotonic() + 120
        while not (study.folder / "here").exists():
            assert first.poll() is None and time.monotonic() < last, first.communicate()[0]
            time.sleep(0.05)
        second = study.make(*words)
        (study.folder / "go").touch()
        assert second.returncode != 0
        assert re.search(r"another run is at work in results/smoke \(process \d+\)", second.stderr), second.stderr
        assert first.wait(120) == 0, first.communicate()[0]
    finally:
        (study.folder / "go").touch()
        first.kill()
        first.communicate()
