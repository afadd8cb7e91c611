"""Mistakes of the user's: one clear line comes first, nothing runs, and earlier results stay as they are."""

import re

import pytest

from tests.workflow.harness import Study

pytestmark = pytest.mark.xdist_group("workflow")

SMOKE = "tier=smoke"

MISTAKES = [
    (["tier=smok"], r"tier is the text 'smok', which does not exist; did you mean 'smoke'\?"),
    ([SMOKE, "sede=3"], r"unknown key sede, .*did you mean 'seed'\?"),
    ([SMOKE, "seed=-1"], r"seed must be a whole number from 0 .*, but is -1"),
    ([SMOKE, "simulation={replicates: many}"], r"simulation\.replicates must be a whole number .*'many'"),
    ([SMOKE, "simulation={lags: 101}"], r"lags .* is 101, longer than the shortest sequence"),
    ([SMOKE, "simulation={grids: {simple: {cell: [lstn]}}}"], r"grids\.simple\.cell.*'lstn'.*did you mean 'lstm'\?"),
    ([SMOKE, "simulation={grids: {simple: {gain: []}}}"], r"simulation\.grids\.simple\.gain .*\bone or more\b"),
    (
        [SMOKE, "simulation={grids: {gated: {hidden: [4096], length: [1000000]}}}"],
        r"needs about .* GiB of memory, but a job can have",
    ),
    ([SMOKE, "training={experiments: {cells: {arms: {gru: {cell: grv}}}}}"], r"arms\.gru\.cell .*did you mean 'gru'\?"),
    ([SMOKE, "training={experiments: {cells: {lengths: [9]}}}"], r"lengths .*holds 9, but task temporal_order allows"),
    (
        [SMOKE, "training={experiments: {cells: {lengths: [[12, 10]]}}}"],
        r"holds \[12, 10\], but the shortest length must",
    ),
    ([SMOKE, "training={only: [sells]}"], r"training\.only\[0\] is the text 'sells', .*did you mean 'cells'\?"),
    ([SMOKE, "training={rate: fast}"], r"training\.rate must be a number above 0 .*'fast'"),
    ([SMOKE, "training={every: 151}"], r"every .* is 151, more than budget, which is 150"),
    (
        [SMOKE, "training={experiments: {cells: {hidden: [4096], lengths: [1000000]}}}"],
        r"needs about .* GiB of memory, but a job can have",
    ),
    ([SMOKE, "laboratory={counterexamples: {lagz: 3}}"], r"laboratory\.counterexamples\.lagz, .*did you mean 'lags'\?"),
]


@pytest.mark.parametrize(("words", "message"), MISTAKES, ids=[words[-1] for words, _ in MISTAKES])
def test_a_mistake_on_the_command_line_is_one_line_and_nothing_runs(checkout, words, message):
    done = checkout.snakemake("--cores", "1", "--config", *words)
    assert done.returncode != 0
    assert re.search(message, done.stderr.splitlines()[0])
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    assert not (checkout.folder / "results").exists()


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("config.yaml", "seed: 2018", "seed: [2018", r"config\.yaml is not valid YAML at line \d+"),
        ("config.yaml", "seed: 2018", "seed: 2018.5", r"seed must be a whole number"),
        (
            "workflow/tiers/smoke.yaml",
            "replicates:",
            "replicate:",
            r"unknown key simulation\.replicate, .*did you mean",
        ),
    ],
)
@pytest.mark.parametrize("door", ["make", "snakemake"])
def test_a_mistake_in_a_file_is_one_line_and_earlier_results_stay(study, door, name, old, new, message):
    before = {path: path.stat() for path in (study.folder / "results").rglob("*") if path.is_file()}
    study.edit(name, old, new)
    start = ["--tier", "smoke"] if door == "make" else ["--cores", "1", "--config", SMOKE]
    done = getattr(study, door)(*start)
    assert done.returncode != 0
    assert re.search(message, done.stderr.splitlines()[0])
    assert len(done.stderr.splitlines()) == 1
    after = {path: path.stat() for path in (study.folder / "results").rglob("*") if path.is_file()}
    assert {path: stat.st_mtime_ns for path, stat in after.items()} == {p: s.st_mtime_ns for p, s in before.items()}


@pytest.mark.parametrize("door", ["make", "snakemake"])
def test_a_missing_config_is_named(study, door):
    (study.folder / "config.yaml").unlink()
    done = getattr(study, door)("--cores", "1")
    assert done.returncode != 0
    assert re.search(r"config\.yaml is missing", done.stderr.splitlines()[0])


@pytest.mark.parametrize("door", ["make", "snakemake"])
def test_a_results_folder_that_cannot_be_written_is_named_before_anything_runs(study, door):
    import shutil

    shutil.rmtree(study.folder / "results")
    (study.folder / "results").write_text("a file where the folder should be")
    done = getattr(study, door)("--cores", "1")
    assert done.returncode != 0
    assert re.match(r"the results folder .*results cannot be written: .* is not a folder", done.stderr)


def test_a_folder_whose_name_snakemake_cannot_take_is_named(tmp_path):
    done = Study.copied(tmp_path / "a {study}").snakemake("--cores", "1", "--config", SMOKE)
    assert done.returncode != 0
    assert re.fullmatch(r"the study cannot run in .*a \{study\}: Snakemake reads braces .*\n", done.stderr), done.stderr


HOSTILE = [
    "; touch hacked",
    "$(touch hacked)",
    "`touch hacked`",
    "a b",
    "it's",
    'say "x"',
    "../../up",
    "new\nline",
    "/etc",
]


@pytest.mark.parametrize("word", HOSTILE)
def test_every_text_of_the_config_is_a_name_that_must_exist(word):
    """So a hostile one ends where it is checked, and none reaches a shell or a path."""
    from whylstm.errors import StudyError
    from whylstm.study import config

    grid = {"cell": [word]}
    arms = [{"arms": {"sgd": {key: word}}} for key in ("cell", "initialisation", "optimiser")]
    courses = [{"task": word}, {"precision": word}, {"only": [word]}, *arms]
    trained = [{"training": {"experiments": {"pascanu": course}}} for course in courses]
    for said in ({"tier": word}, {"device": word}, {"simulation": {"grids": {"simple": grid}}}, *trained):
        with pytest.raises(StudyError, match=re.escape(repr(word))):
            config.load(overrides=said)
    with pytest.raises(StudyError):
        config.load(overrides={"simulation": {"grids": {word: {"cell": ["tanh"]}}}})
    for experiment, arm in ((word, "sgd"), ("pascanu", word)):
        with pytest.raises(StudyError):
            config.load(overrides={"training": {"experiments": {experiment: {"arms": {arm: {"cell": "tanh"}}}}}})


def test_no_text_of_the_command_line_reaches_a_shell(checkout):
    done = checkout.snakemake("--cores", "1", "--config", "tier=$(touch hacked); touch hacked `touch hacked`")
    assert done.returncode != 0
    assert done.stderr.startswith("tier is the text")
    assert not list(checkout.folder.parent.rglob("hacked"))
