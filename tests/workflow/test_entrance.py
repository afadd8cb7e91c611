"""Broken configs at the entrance that ``make study`` uses: one clear line each, and nothing is started or written.

The entrance runs in this process, on a copy of the config's files; where it would start Snakemake, the test fails.
"""

import importlib.util
import shutil
import subprocess
import sys

import pytest

from tests.workflow.harness import ROOT


def module():
    """Return the module ``workflow/run.py``."""
    spec = importlib.util.spec_from_file_location("entrance", ROOT / "workflow" / "run.py")
    found = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(found)
    sys.path[:] = before
    return found


@pytest.fixture(scope="module")
def entrance():
    return module()


@pytest.fixture
def folder(entrance, tmp_path, monkeypatch):
    """A study's folder with its config and tiers, that the entrance takes for its own."""
    (tmp_path / "workflow").mkdir()
    shutil.copy(ROOT / "config.yaml", tmp_path)
    shutil.copytree(ROOT / "workflow" / "tiers", tmp_path / "workflow" / "tiers")
    shutil.copytree(ROOT / "workflow" / "profiles", tmp_path / "workflow" / "profiles")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(entrance, "ROOT", tmp_path)
    monkeypatch.setattr(subprocess, "Popen", lambda *words, **options: pytest.fail(f"it started {words}"))
    return tmp_path


def refused(entrance, folder, capfd, words=()):
    """Return the one line that the entrance says as it refuses."""
    before = sorted(folder.rglob("*"))
    assert entrance.main(list(words)) == 1
    said = capfd.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert said.err.rstrip("\n").isprintable()
    assert sorted(folder.rglob("*")) == before, "it wrote something"
    return said.err


SEED = "seed must be a whole number from 0 to 9223372036854775807, but is"
NUMBERS = "must be a number from 0 to 10000, but is"
GAIN = "gain: [0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0]"
CELLS = "cell: [linear, tanh]"
BROKEN = [
    ("seed: 2018", "seed: -1", f"{SEED} -1"),
    ("seed: 2018", "seed: 2018.0", f"{SEED} 2018.0"),
    ("seed: 2018", "seed: yes", f"{SEED} true"),
    ("seed: 2018", "seed: '2018'", f"{SEED} the text '2018'"),
    ("seed: 2018", "seed:", f"{SEED} empty (null)"),
    ("seed: 2018", "seed: 02017", "the number '02017' has a leading zero"),
    ("seed: 2018", "seed: 20:18", "the number '20:18' has a leading zero or a colon"),
    ("seed: 2018", "seed: 0x", f"{SEED} the text '0x'"),
    ("seed: 2018", "seed: 99999999999999999999", f"{SEED} 99999999999999999999"),
    ("seed: 2018", f"seed: {'9' * 5000}", "holds a value that cannot be read"),
    ("seed: 2018", "seed: 2018-09-15", f"{SEED} the date '2018-09-15'"),
    ("seed: 2018", "seed: 2018\nseed: 2019", "the key 'seed' is given twice"),
    ("seed: 2018", "seed: 2018\nSeed: 1", "unknown key Seed, which is 1; did you mean 'seed'?"),
    ("seed: 2018", "seed: 2018\n? [a]\n: 1", "the key (a list or a mapping) must be a text"),
    ("seed: 2018", "seed: 2018\n1: 2", "the key '1' must be a text"),
    ("seed: 2018", "seed: !!python/object/apply:os.system ['touch hacked']", "could not determine a constructor"),
    ("seed: 2018", "seed: !!python/name:os.system", "could not determine a constructor"),
    ("seed: 2018", "seed: !!binary aGk=", f"{SEED} the bytes"),
    ("seed: 2018", "seed: {a: 1}", f"{SEED} the mapping"),
    ("seed: 2018", "seed: [2018", "config.yaml is not valid YAML at line"),
    ("seed: 2018", "seed: &a [*a, *a]", "nested too deeply"),
    ("seed: 2018", "seed: \x00", "config.yaml is not valid YAML"),
    ("seed: 2018", "seed: *nothing", "found undefined alias"),
    ("seed: 2018", "tier: '; touch hacked'", "tier is the text '; touch hacked', which does not exist"),
    ("seed: 2018", "tier: ../../etc/passwd", "tier is the text '../../etc/passwd', which does not exist"),
    ("seed: 2018", "tier: [smoke]", "tier is the list ['smoke'], which does not exist"),
    ("seed: 2018", "device: '$(touch hacked)'", "device is the text '$(touch hacked)', which does not exist"),
    (GAIN, "gain: [1e400]", f"{NUMBERS} inf"),
    (GAIN, "gain: [.nan]", f"{NUMBERS} nan"),
    (GAIN, "gain: [-.inf]", f"{NUMBERS} -inf"),
    (GAIN, "gain: [true]", f"{NUMBERS} true"),
    (GAIN, "gain: [1, 1.0]", "holds 1.0 twice"),
    (GAIN, "gain: []", "must be a list of one or more different values"),
    (GAIN, "gain: 1.0", "must be a list of one or more different values"),
    (GAIN, "gain: ['1.0']", f"{NUMBERS} the text '1.0'"),
    (GAIN, "gian: [1.0]", "unknown key simulation.grids.gated.gian, which is the list [1.0]; did you mean 'gain'?"),
    (CELLS, "cell: [lstn]", "cell[0] is the text 'lstn', which does not exist; did you mean 'lstm'?"),
    (CELLS, "cell: ['../lstm']", "cell[0] is the text '../lstm', which does not exist"),
    (CELLS, 'cell: ["a\\nb"]', "cell[0] is the text 'a\\nb', which does not exist"),
    (CELLS, "cell: [no]", "is false"),
    (CELLS, f"cell: [{'x' * 100_000}]", "cell[0] is the text 'xxx"),
    ("simple:", "../simple:", "the name '../simple' in simulation.grids must be"),
    ("simple:", "; touch hacked:", "the name '; touch hacked' in simulation.grids must be"),
    ("simple:", '"sïmple":', "the name 'sïmple' in simulation.grids must be"),
    ("lags: 200", "lags: 301", "longer than the shortest sequence"),
    ("lags: 200", "lags: 0", "simulation.lags must be a whole number from 1"),
    ("windows: 5", "windows: 500", "there is room for at most 101 different last steps"),
    ("task: [digits]", "task: [digitz]", "did you mean 'digits'?"),
    ("length: [64]", "length: [65]", "task digits allows at least 1 and at most 64"),
]


def case(change):
    old, new, _ = change
    return ascii(f"{old.split(':')[0]} -> {new}")[1:60]


@pytest.mark.parametrize(("old", "new", "expected"), BROKEN, ids=map(case, BROKEN))
def test_a_broken_config_is_refused_in_one_line(entrance, folder, capfd, old, new, expected):
    path = folder / "config.yaml"
    text = path.read_text()
    assert old in text, f"config.yaml has no {old!r}"
    path.write_text(text.replace(old, new, 1))
    assert expected in refused(entrance, folder, capfd)


HOSTILE = [
    "; touch hacked",
    "$(touch hacked)",
    "`touch hacked`",
    "a b",
    "'",
    '"',
    "a\nb",
    "..",
    "/etc",
    "-x",
    "ü" * 9999,
]


@pytest.mark.parametrize("word", HOSTILE, ids=lambda word: ascii(word)[:20])
def test_a_hostile_word_on_the_command_line_is_refused_in_one_line(entrance, folder, capfd, word):
    said = refused(entrance, folder, capfd, [f"--tier={word}"])
    assert repr(word)[:20] in said
    assert len(said) < 1000


@pytest.mark.parametrize("word", ["; touch hacked", "$(touch hacked)", "a\nb", "nowhere", "ü" * 9999, ""])
@pytest.mark.parametrize("option", ["--profile", "--site"])
def test_a_profile_that_is_not_there_is_refused_in_one_line(entrance, folder, capfd, option, word):
    if (option, word) != ("--site", ""):  # no site, as by default
        assert "there is no profile" in refused(entrance, folder, capfd, [f"{option}={word}"])


def test_a_quote_without_its_end_is_a_mistake_in_one_line(entrance, folder, capfd):
    assert "cannot be split into words: No closing quotation" in refused(entrance, folder, capfd, ["--args=it's"])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "simulation is missing"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"- a\n", "must hold keys and values, but holds a list"),
        (b"seed: 1\n---\nseed: 2\n", "is not valid YAML"),
        (b"[" * 3000, "nested too deeply"),
        (
            b"a0: &a0 [x,x]\n"
            + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)),
            "unfolds to",
        ),
    ],
    ids=["empty", "no text", "list", "two documents", "deep", "bomb"],
)
def test_a_config_that_is_no_config_is_refused_in_one_line(entrance, folder, capfd, content, expected):
    (folder / "config.yaml").write_bytes(content)
    assert expected in refused(entrance, folder, capfd)


def test_a_broken_tier_is_named_with_its_file(entrance, folder, capfd):
    (folder / "workflow" / "tiers" / "smoke.yaml").write_text("simulation: {replicates: .inf}\n")
    assert "simulation.replicates must be a whole number" in refused(entrance, folder, capfd, ["--tier", "smoke"])
    (folder / "workflow" / "tiers" / "smoke.yaml").write_text("simulation: [")
    assert "smoke.yaml is not valid YAML" in refused(entrance, folder, capfd, ["--tier", "smoke"])


def test_a_whole_config_would_be_started(entrance, folder):
    with pytest.raises(pytest.fail.Exception, match="it started"):
        entrance.main(["--tier", "smoke"])
