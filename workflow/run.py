"""Run the study from the command line: check the config, start Snakemake, and say at the end where everything is.

    python workflow/run.py [--tier smoke] [--cores 2] [--profile slurm] [targets and options of Snakemake ...]

It is what ``make study`` and ``make slurm-study`` call. Snakemake's own lock is not used, because it outlives a run
that was killed; the Snakefile takes one that does not, and an interrupted job is simply done again. So a run that was
killed at any moment goes on when it is started once more.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from whylstm.article import summary  # (the package of this checkout, wherever another is installed)
from whylstm.errors import StudyError
from whylstm.launch import device, metadata, profiles, slurm
from whylstm.records import files, lock, wholeness
from whylstm.study import config, plan


def arguments(words: list[str] | None = None) -> tuple[argparse.Namespace, list[str]]:
    """Return our own arguments and what is left for Snakemake.

    Raises:
        StudyError: if ``--args`` has a quote without its end.
    """
    parser = argparse.ArgumentParser(description="Run the study.", epilog="All else is handed to Snakemake.")
    parser.add_argument("--tier", default=None, help="size of the study; what config.yaml says if left out")
    parser.add_argument("--cores", default=None, help="how many cores at once (default: all that the profile offers)")
    parser.add_argument("--profile", default="local", help="a folder of workflow/profiles, or the path of your own")
    parser.add_argument(
        "--site", default=None, help="settings of your site, over the profile's (default: its site.yaml)"
    )
    parser.add_argument("--config", "-C", nargs="*", action="extend", default=[], help="keys of the config, KEY=VALUE")
    parser.add_argument("--args", default="", help="more words, in one text that is split as a shell would")
    words = sys.argv[1:] if words is None else list(words)
    said = parser.parse_known_args(words)[0].args
    try:
        own, rest = parser.parse_known_args([*words, *shlex.split(said)])
    except ValueError as error:
        raise StudyError(f"the arguments {said!r} cannot be split into words: {error}") from error
    tiers = [item.removeprefix("tier=") for item in own.config if item.startswith("tier=")]
    own.config = [item for item in own.config if not item.startswith("tier=")]
    own.tier = own.tier if own.tier is not None or not tiers else tiers[-1]
    return own, rest


def settings(profile: str, site: str | None) -> list[Path]:
    """Return the profiles to use, the site's last: it wins."""
    own = profiles.find(profile, ROOT)
    beside = own / "site.yaml"
    return [own] + ([profiles.find(site, ROOT)] if site else [beside] * beside.exists())


def command(using: list[Path], own: argparse.Namespace, rest: list[str]) -> list[str]:
    """Return Snakemake's command line; options that take several words stand where none can follow by mistake.

    Of two ``--config`` Snakemake takes the last alone, so the tier and the user's own keys go into one.
    """
    words = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(ROOT)]
    said = own.config + ([f"tier={own.tier}"] if own.tier is not None else [])
    words += ["--config", *said] if said else []
    words += [] if is_dry(rest) else ["--logger", "whylstm"]
    words += [word for profile in using for word in ("--profile", str(profile))]
    words += ["--cores", own.cores] if own.cores else []
    words += ["--nolock"]
    return words + rest


def is_dry(rest: list[str]) -> bool:
    """Return whether Snakemake is only asked what it would do."""
    return bool({"-n", "--dry-run", "--dryrun"} & set(rest))


def main(words: list[str] | None = None) -> int:
    """Check, run, and report; return the exit code."""
    os.chdir(ROOT)
    try:
        own, rest = arguments(words)
        using = settings(own.profile, own.site)
        on_slurm = own.profile == "slurm"
        planned = plan.plan(config.load(tier=own.tier, root=ROOT))
        plan.check_machine(planned, ROOT, here=not on_slurm)
        if on_slurm:
            slurm.check()
        else:
            device.check(planned.config["device"])
        if not is_dry(rest):
            mend(planned.folder)
    except StudyError as error:
        print(error, file=sys.stderr)
        return 1
    paths = [str(ROOT / "workflow" / "plugins"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "WHYLSTM_SUMMARY": "later"}
    code = wait(subprocess.Popen(command(using, own, rest), env=environment))
    if code == 0 and not is_dry(rest):
        print(summary.text(planned.folder))
    return code


def mend(folder: Path) -> None:
    """Delete results that are damaged, so that this run makes them again; wait for no other run, but refuse beside it.

    Those whose history cannot be read are no better: nobody can tell whether they are up to date.

    Jobs that a killed run left to Slurm are ended first: what one of them still writes would look damaged. What killed
    jobs left half written is deleted too.

    Raises:
        StudyError: if another run is at work there, jobs do not end, or a damaged file cannot be deleted.
    """
    if folder.is_dir():
        with lock.hold(folder):
            slurm.end_left_behind(folder, lambda said: print(said, file=sys.stderr))
            files.sweep(folder)
            for path in wholeness.mend(folder):
                print(f"{path} is damaged, or what it states is; it is made again", file=sys.stderr)
            for path in metadata.mend(folder):
                print(f"{path} has lost its history (.snakemake/metadata); it is made again", file=sys.stderr)


def wait(process: subprocess.Popen[bytes]) -> int:
    """Wait for Snakemake; Ctrl-C reaches it as well, and it is given the time to end its jobs."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


if __name__ == "__main__":
    sys.exit(main())
