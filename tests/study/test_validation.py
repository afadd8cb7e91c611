import datetime
import math

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from tests.study.cases import config, training
from whylstm.errors import StudyError
from whylstm.study.config import assemble, merge
from whylstm.study.plan import plan
from whylstm.study.validation import check, shown


def simulation(**keys):
    return {"simulation": keys}


def grid(**keys):
    return {"simulation": {"grids": {"one": keys}}}


GAIN = "simulation.grids.one.gain"
A_GAIN = "must be a number from 0 to 10000"
SEED = "seed must be a whole number from 0 to 9223372036854775807, but is"

RACE = "training.experiments.race"
PLAIN = f"{RACE}.arms.plain"


def arm(**keys):
    return training(arms={"plain": {"cell": "tanh", **keys}})


def shared(**keys):
    return merge(training(), {"training": keys})


def laboratory(name, **settings):
    return {"laboratory": {name: settings}}


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
    ({"training": {}}, "training.experiments is missing; it must be a mapping from one or more names"),
    ({"training": {"experiments": {}}}, "training.experiments must be a mapping from one or more names"),
    (
        training(only=["plan"]),
        f"{RACE}.only[0] is the text 'plan', which is none of {RACE}.arms; did you mean 'plain'?",
    ),
    (shared(only=["rase"]), "training.only[0] is the text 'rase', which is none of training.experiments; did you mean"),
    (training(arms={}), f"{RACE}.arms must be a mapping from one or more names"),
    (training(arms={"A b": {"cell": "tanh"}}), f"the name 'A b' in {RACE}.arms must be a small letter"),
    (training(arms={"../x": {"cell": "tanh"}}), f"the name '../x' in {RACE}.arms must be a small letter"),
    (
        training(arms={"plain": {"rate": 1}}),
        f"{PLAIN}.cell is missing; give it there, in its experiment or in training",
    ),
    (arm(learning_rate=1), f"unknown key {PLAIN}.learning_rate, which is 1"),
    (arm(clip=1), f"unknown key {PLAIN}.clip, which is 1; did you mean 'clip_norm'?"),
    (arm(budget=10), f"unknown key {PLAIN}.budget, which is 10"),  # arms of one experiment have one budget
    (training(bugdet=10), f"unknown key {RACE}.bugdet, which is 10; did you mean 'budget'?"),
    (shared(seeds=10), "unknown key training.seeds, which is 10; did you mean"),
    (arm(cell="lstn"), f"{PLAIN}.cell is the text 'lstn', which does not exist; did you mean 'lstm'?"),
    (
        arm(cell=["lstm"]),
        f"{PLAIN}.cell must be the name of one of the cells (files of src/whylstm/cells) or the name",
    ),
    (
        arm(optimiser="adm"),
        f"{PLAIN}.optimiser is the text 'adm', which does not exist; did you mean 'adam'? allowed: ",
    ),
    (arm(rate=0), f"{PLAIN}.rate must be a number above 0 and at most 1000 (step per gradient), but is 0"),
    (
        arm(clip_norm=None),
        f"{PLAIN}.clip_norm must be a number above 0 and at most 1000000 (loss per weight), but is e",
    ),
    (arm(detach=1.5), f"{PLAIN}.detach must be a number from 0 to 1 (probability), but is 1.5"),
    (arm(stop="no"), f"{PLAIN}.stop must be true or false, but is the text 'no'"),
    (arm(options={"alpha": 1}), f"unknown key {PLAIN}.options.alpha: cell tanh has no such constant; it has none"),
    (
        arm(cell="leaky", options={"alpa": 1}),
        f"{PLAIN}.options.alpa: cell leaky has no such constant; did you mean 'al",
    ),
    (
        arm(optimiser_options={"alpha": 0.9}),
        f"unknown key {PLAIN}.optimiser_options.alpha: optimiser adam has no such constant; allowed: beta_1",
    ),
    (arm(optimiser="sgd", optimiser_options={"alpha": 0.9}), "optimiser sgd has no such constant; it has none"),
    (
        arm(optimiser="rmsprop", optimiser_options={"alpha": 1}),
        f"{PLAIN}.optimiser_options.alpha must be a number at least 0 and below 1, but is 1",
    ),
    (arm(cell="attention", omega=2), f"{PLAIN}.omega (or where it comes from) is 2.0, but attention has no path from"),
    (arm(cell="attention", detach=0.5), f"{PLAIN}.detach (or where it comes from) is 0.5, but attention has no path"),
    (
        arm(cell="minlstm", omega=2),
        f"{PLAIN}.omega (or where it comes from) is 2.0, but minlstm has no recurrent matrix",
    ),
    (arm(cell="lru", detach=1), f"{PLAIN}.detach (or where it comes from) is 1.0, but lru has no recurrent matrix"),
    (
        arm(omega=2, detach=0.5),
        f"{PLAIN}.omega (or where it comes from) is 2.0 and detach is 0.5: Ω compares gradients",
    ),
    (arm(cell="atention"), f"{PLAIN}.cell is the text 'atention', which does not exist; did you mean 'attention'?"),
    (arm(extrapolate=[1]), f"{PLAIN}.extrapolate (or where it comes from) holds 1, but task adding allows at least 2"),
    (training(task="addin"), f"{RACE}.task is the text 'addin', which does not exist; did you mean 'adding'?"),
    (training(task="noise"), f"{PLAIN}.task (or where it comes from) is 'noise', which asks for no answer"),
    (
        training(lengths=[1]),
        f"{PLAIN}.lengths (or where it comes from) holds 1, but task adding allows at least 2 (ste",
    ),
    (
        training(lengths=10),
        f"{RACE}.lengths must be a list of one or more different values, each a whole number from 1",
    ),
    (
        training(lengths=[]),
        f"{RACE}.lengths must be a list of one or more different values, each a whole number from 1",
    ),
    (training(lengths=[10, 10]), f"{RACE}.lengths holds 10 twice"),
    (
        training(lengths=[[30, 20]]),
        f"{PLAIN}.lengths (or where it comes from) holds [30, 20], but the shortest length ",
    ),
    (training(lengths=[[20]]), f"{RACE}.lengths[0] must be a whole number from 1 to 1000000 or a list of 2 different"),
    (training(lengths=[[1, 20]]), f"{PLAIN}.lengths (or where it comes from) holds 1, but task adding allows at least"),
    (
        training(task="parity", lengths=[1]),
        f"{PLAIN}.lengths (or where it comes from) holds 1, but networks are trained on 2 ",
    ),
    (training(task="digits", lengths=[65]), "holds 65, but task digits allows at least 1 and at most 64 (steps)"),
    (training(replicates=0), f"{RACE}.replicates must be a whole number from 1 to 10000 (networks), but is 0"),
    (training(probes=0), f"{RACE}.probes must be a whole number from 1 to 100 (probes per decade), but is 0"),
    (
        training(budget=200),
        f"{PLAIN}.every (or where it comes from) is 250, more than budget, which is 200: no network",
    ),
    (training(budget=50, every=10), f"{PLAIN}.record (or where it comes from) is 100, more than budget, which is 50"),
    (training(examined=100), f"{PLAIN}.screen (or where it comes from) is 250, more than examined, which is 100"),
    (training(hidden=[32, 32]), f"{RACE}.hidden holds 32 twice"),
    ({1: 2}, "the key 1 in the config must be a text"),
    (grid(gain=[{2: 3}]), f"the key 2 in {GAIN}[0] must be a text"),
    ({"a\x1b[31m\nb": "x" * 10_000}, "unknown key 'a\\x1b[31m\\nb', which is the text 'xxx"),
    (
        laboratory("identities", lag=40),
        "laboratory.identities.lag is 40, but must be at most 30: laboratory.identities.length is 30",
    ),
    (
        laboratory("exponents", burn_in=581),
        "laboratory.exponents.burn_in is 581, but must be at most 580: laboratory.exponents.length is 600, of which 20",
    ),
    (
        laboratory("two_unit_exponents", steps=[400, 2000]),
        "laboratory.two_unit_exponents.burn_in is 500, but must be at most 380: laboratory.two_unit_exponents.steps is",
    ),
    (laboratory("bifurcation", bias=[-4.5]), "laboratory.bifurcation.bias must be a list of 2 different values, each"),
    (laboratory("error_surface", weight=[4, 5, 6]), "laboratory.error_surface.weight must be a list of 2 different"),
    (
        laboratory("parameter_signal", sequences=1),
        "laboratory.parameter_signal.sequences must be a whole number from 2",
    ),
    (laboratory("curse_of_memory", memory=[0]), "laboratory.curse_of_memory.memory[0] must be a number above 0 and at"),
    (laboratory("curse_of_memory", runs=1), "laboratory.curse_of_memory.runs must be a whole number from 2 to 1000000"),
    (laboratory("half_lives", t_max=[2]), "laboratory.half_lives.t_max[0] must be a whole number from 3 to 1000000"),
    (laboratory("mean_field", length=50), "laboratory.mean_field.length must be a whole number from 51 to 1000000"),
    (laboratory("attention", lags=1), "laboratory.attention.lags must be a whole number from 2 to 1000000"),
    (laboratory("counterexamples", lags=901), "laboratory.counterexamples.lags must be a whole number from 1 to 900"),
    (laboratory("cliff", width=0), "laboratory.cliff.width must be a number from 0.01 to 1000000"),
    (laboratory("cliff", weight=20), "laboratory.cliff.weight must be a number from -1000000 to 6 (1), but is 20"),
    (laboratory("spectra", gain=-1), "laboratory.spectra.gain must be a number from 0 to 10000 (1), but is -1"),
    (laboratory("spectra", hidden=5000), "laboratory.spectra.hidden must be a whole number from 1 to 4096 (units)"),
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


UNPLANNED = [
    (
        arm(cell="orthogonal"),
        f"{PLAIN}.initialisation: 'gaussian' does not suit cell 'orthogonal'; allowed: orthogonal",
    ),
    (arm(initialisation="chrono"), f"{PLAIN}.initialisation: 'chrono' sets a carry gate, and cell 'tanh' has none"),
    (
        training(arms={"plain": {"cell": "tanh"}, "twin": {"cell": "tanh", "forget_bias": 3}}),
        f"{PLAIN} and {RACE}.arms.twin are the same trial at length 10: what they say differently is not read",
    ),
]


@pytest.mark.parametrize(("over", "message"), UNPLANNED, ids=[message[:60] for _, message in UNPLANNED])
def test_what_a_plan_finds_is_one_sentence_as_well(over, message):
    with pytest.raises(StudyError) as caught:
        plan(assemble(over, None, {}))
    assert message in str(caught.value)


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
        ("training", "experiments", "race", "arms"),
        ("training", "experiments", "race", "lengths"),
        ("training", "experiments", "race", "arms", "plain", "options"),
    ]
)


@given(place=places, value=anything)
@example(place=("simulation", "grids"), value={"": {}})
def test_whatever_stands_anywhere_either_is_valid_or_earns_one_readable_sentence(place, value):
    raw = training()
    node = raw
    for name in place[:-1]:
        node = node.setdefault(name, {})
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
