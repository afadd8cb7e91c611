import datetime
import math

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from tests.study.cases import config, training
from whylstm.errors import StudyError
from whylstm.study.config import assemble, merge
from whylstm.study.validation import check, shown


def simulation(**keys):
    return {"simulation": keys}


def grid(**keys):
    return {"simulation": {"grids": {"one": keys}}}


GAIN = "simulation.grids.one.gain"
A_GAIN = "must be a number from 0 to 10000"
SEED = "seed must be a whole number from 0 to 9223372036854775807, but is"

MISTAKES = [
    ({"sed": 1}, "unknown key sed, which is 1; did you mean 'seed'?"),
    (simulation(lag=3), "unknown key simulation.lag, which is 3; did you mean 'lags'?"),
    (grid(forget_bais=[1]), "unknown key simulation.grids.one.forget_bais, which is the list [1]; did you mean 'forge"),
    (grid(options={"alpa": [1]}, cell=["leaky"]), "unknown key simulation.grids.one.options.alpa: no cell of the grid"),
    ({"seed": -1}, f"{SEED} -1"),
    ({"seed": 2.0}, f"{SEED} 2.0"),
    ({"seed": True}, f"{SEED} true"),
    ({"seed": "7"}, f"{SEED} the text '7'"),
    ({"seed": None}, f"{SEED} empty (null)"),
    ({"seed": 2**63}, f"{SEED} 9223372036854775808"),
    ({"device": "gpu"}, "device is the text 'gpu', which does not exist; did you mean 'cpu'? allowed: cpu, cuda"),
    ({"device": 5}, "device must be one of: cpu, cuda, but is 5"),
    (
        {"simulation": 5},
        "simulation must be a mapping with keys from: replicates, windows, lags, hops, grids, but is 5",
    ),
    (simulation(lags=0), "simulation.lags must be a whole number from 1 to 1000000 (steps), but is 0"),
    (simulation(replicates=0), "simulation.replicates must be a whole number from 1 to 100000 (networks), but is 0"),
    (simulation(grids=[]), "simulation.grids must be a mapping from one or more names"),
    (simulation(grids=None), "simulation.grids must be a mapping from one or more names"),
    (simulation(grids={"two": {}}), "simulation.grids.two.cell is missing; it must be a list"),
    (simulation(grids={"two": None}), "simulation.grids.two must be a mapping with keys from: cell,"),
    (simulation(grids={"../x": {"cell": ["lstm"]}}), "the name '../x' in simulation.grids must be a small letter"),
    (simulation(grids={"a; touch x": {"cell": ["lstm"]}}), "the name 'a; touch x' in simulation.grids must be a small"),
    (simulation(grids={"a\n": {"cell": ["lstm"]}}), "the name 'a\\n' in simulation.grids must be a small letter"),
    (grid(gain=[]), f"{GAIN} must be a list of one or more different values"),
    (grid(gain=1.0), f"{GAIN} must be a list of one or more different values"),
    (grid(gain="1.0"), f"{GAIN} must be a list of one or more different values"),
    (grid(gain=None), f"{GAIN} must be a list of one or more different values"),
    (grid(gain=[1, 2, 1.0]), f"{GAIN} holds 1.0 twice, but must be a list of one or more different values"),
    (grid(gain=[0.5, math.nan]), f"{GAIN}[1] {A_GAIN}, but is nan"),
    (grid(gain=[math.inf]), f"{GAIN}[0] {A_GAIN}, but is inf"),
    (grid(gain=[True]), f"{GAIN}[0] {A_GAIN}, but is true"),
    (grid(gain=["1e3"]), f"{GAIN}[0] {A_GAIN}, but is the text '1e3'"),
    (grid(gain=[None]), f"{GAIN}[0] {A_GAIN}, but is empty (null)"),
    (grid(gain=[[1]]), f"{GAIN}[0] {A_GAIN}, but is the list [1]"),
    (grid(gain=[-1]), f"{GAIN}[0] {A_GAIN}, but is -1"),
    (grid(gain=[datetime.date(2018, 9, 15)]), f"{GAIN}[0] {A_GAIN}, but is the date '2018-09-15'"),
    (grid(hidden=[16.0]), "simulation.grids.one.hidden[0] must be a whole number from 1 to 4096, but is 16.0"),
    (grid(cell="lstm"), "simulation.grids.one.cell must be a list of one or more different values, each the name of"),
    (
        grid(cell=["lstn"]),
        "simulation.grids.one.cell[0] is the text 'lstn', which does not exist; did you mean 'lstm'?",
    ),
    (grid(cell=["../lstm"]), "simulation.grids.one.cell[0] is the text '../lstm', which does not exist"),
    (
        grid(task=["nois"]),
        "simulation.grids.one.task[0] is the text 'nois', which does not exist; did you mean 'noise'",
    ),
    (
        grid(initialisation=["gausian"]),
        "initialisation[0] is the text 'gausian', which does not exist; did you mean 'g",
    ),
    (grid(options={"alpha": 1}), "simulation.grids.one.options.alpha must be a list of one or more different values"),
    (grid(lags=301), "simulation.grids.one.lags (or simulation.lags, where it comes from) is 301, longer than the"),
    (
        simulation(lags=301),
        "simulation.grids.one.lags (or simulation.lags, where it comes from) is 301, longer than the",
    ),
    (grid(length=[400, 250], lags=251), "it must be at most simulation.grids.one.length = 250"),
    (
        grid(windows=102),
        "simulation.grids.one.windows (or simulation.windows, where it comes from) is 102, but between",
    ),
    (grid(task=["digits"]), "simulation.grids.one.length holds 300, but task digits allows at least 1 and at most 64"),
    ({"training": {}}, "training.arms is missing; it must be a mapping from one or more names"),
    (
        training(arms=["plan"]),
        "training.studies.race.arms[0] is the text 'plan', which is no arm of training.arms; did",
    ),
    (training(task="noise"), "training.studies.race.task is 'noise', which asks for no answer"),
    (training(criterion="guess"), "training.studies.race.criterion is 'guess', no criterion of adding; allowed:"),
    (training(lengths=[1]), "training.studies.race.lengths holds 1, but task adding allows at least 2 (steps)"),
    ({1: 2}, "the key 1 in the config must be a text"),
    (grid(gain=[{2: 3}]), f"the key 2 in {GAIN}[0] must be a text"),
    ({"a\x1b[31m\nb": "x" * 10_000}, "unknown key 'a\\x1b[31m\\nb', which is the text 'xxx"),
]


def sentence_of(over):
    """Return the message that a config earns when ``over`` is laid on a valid one."""
    with pytest.raises(StudyError) as caught:
        assemble(merge(config(), over), None, {})
    return str(caught.value)


@pytest.mark.parametrize(("over", "message"), MISTAKES, ids=[message[:60] for _, message in MISTAKES])
def test_a_mistake_is_one_sentence_that_names_key_value_and_what_is_allowed(over, message):
    sentence = sentence_of(over)
    assert message in sentence
    assert sentence.isprintable()
    assert len(sentence) < 600


def test_without_grids_there_is_no_study():
    for raw in ({}, {"simulation": {}}, {"simulation": {"grids": {}}}):
        with pytest.raises(StudyError, match=r"^simulation(\.grids)? (is missing; it )?must be a mapping"):
            assemble(raw, None, {})


def test_an_unknown_key_is_told_before_the_wrong_value_that_it_may_explain():
    assert sentence_of({"sed": 1, "seed": None}).startswith("unknown key sed")


def test_the_small_configs_of_these_tests_are_valid():
    assemble(config(), None, {})
    assemble(training(), None, {})


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3),
    max_leaves=6,
)
places = st.sampled_from(
    [
        ("seed",),
        ("simulation",),
        ("simulation", "lags"),
        ("simulation", "grids"),
        ("simulation", "grids", "one"),
        ("simulation", "grids", "one", "gain"),
        ("simulation", "grids", "one", "options"),
        ("training",),
        ("training", "studies", "race", "arms"),
    ]
)


@given(place=places, value=anything)
@example(place=("simulation", "grids"), value={"": {}})
def test_whatever_stands_anywhere_either_is_valid_or_earns_one_readable_sentence(place, value):
    raw = training()
    node = raw
    for name in place[:-1]:
        node = node[name]
    node[place[-1]] = value
    try:
        assemble(raw, None, {})
    except StudyError as error:
        assert str(error).isprintable()
        assert len(str(error)) < 1000


def test_check_leaves_the_config_as_it_was():
    raw = training()
    check(raw)
    assert raw == training()


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "empty (null)"), (False, "false"), ([], "an empty list"), ({}, "an empty mapping"), (2.5, "2.5")],
)
def test_values_are_shown_in_the_words_of_a_config(value, words):
    assert shown(value) == words
