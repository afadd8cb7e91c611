"""Trials: what the config asks for, and how many networks each has."""

import copy

import pytest

from tests.study.test_train import TRAINING
from whylstm.errors import StudyError
from whylstm.study import train
from whylstm.study.trials import arms, replicates, seeds, trials


def changed(**keys):
    """Return the training part of the tests with keys of its experiment ``order`` replaced."""
    whole = copy.deepcopy(TRAINING)
    whole["experiments"]["order"] |= keys
    return whole


def test_an_arms_own_word_goes_over_its_experiments_and_that_over_all():
    whole = changed(gain=3.0, rate=0.5)
    whole["record"] = 7
    plain, chrono = arms(whole)
    assert (plain.settings["gain"], plain.settings["rate"], plain.settings["record"]) == (1.2, 0.1, 7)
    assert plain.path == "training.experiments.order.arms.plain"
    assert chrono.settings["budget"] == 20


def test_only_what_is_chosen_is_run():
    assert list(trials(changed(only=["chrono"]))) == [("order", "chrono")]
    two = changed()
    two["experiments"]["more"] = two["experiments"]["order"] | {"lengths": [15]}
    assert {experiment for experiment, _ in trials(two | {"only": ["more"]})} == {"more"}
    assert {experiment for experiment, _ in trials(two)} == {"order", "more"}


def test_a_trial_of_two_experiments_has_the_larger_number_of_networks():
    two = changed(replicates=3)
    two["experiments"]["more"] = two["experiments"]["order"] | {"replicates": 7, "lengths": [10]}
    counts = replicates(two)
    assert {(trial.cell, trial.longest): count for trial, count in counts.items()} == {
        ("tanh", 10): 7,
        ("tanh", 20): 3,
        ("lstm", 10): 7,
        ("lstm", 20): 3,
    }
    assert set(replicates(TRAINING).values()) == {2}


def test_arms_of_an_experiment_have_the_seeds_that_it_asks_for_whatever_others_ask_of_a_trial():
    two = changed(replicates=3)
    two["experiments"]["more"] = two["experiments"]["order"] | {"replicates": 7, "lengths": [10]}
    assert seeds(two) == {("order", "plain"): 3, ("order", "chrono"): 3, ("more", "plain"): 7, ("more", "chrono"): 7}


def test_a_trial_twice_in_one_experiment_is_an_error_that_names_both_arms():
    given = TRAINING["experiments"]["order"]["arms"]
    twins = given | {"twin": given["plain"] | {"forget_bias": 2.0}}  # which a tanh cell does not read
    with pytest.raises(StudyError, match=r"arms\.plain and .*arms\.twin are the same trial at length 10"):
        trials(changed(arms=twins))


def test_a_length_that_cannot_be_the_longest_dependency_is_told_before_anything_is_trained():
    with pytest.raises(StudyError, match=r"chrono\.t_max is missing, and the longest length, 2, cannot take its place"):
        trials(changed(task="copy", lengths=[2]))
    assert trials(changed(task="copy", lengths=[3]))["order", "chrono"][0].t_max == 3


def test_only_constants_of_the_optimiser_that_are_not_its_defaults_are_content():
    plain, same, other = (
        trials(changed(optimiser="rmsprop", only=["plain"], **own))["order", "plain"][0]
        for own in ({}, {"optimiser_options": {"alpha": 0.99}}, {"optimiser_options": {"epsilon": 1e-8, "alpha": 0.9}})
    )
    assert same == plain
    assert other.content == plain.content | {"optimiser.alpha": 0.9}
    assert (plain.row()["optimiser_options"], other.row()["optimiser_options"]) == ("", "alpha=0.9")
    assert other.shared != plain.shared
    assert train._plan(other, 1).options == {"alpha": 0.9}


def test_a_trial_names_the_modules_that_it_is_made_by():
    (trial, *_) = replicates(TRAINING)
    assert set(trial.modules) == {
        "whylstm.cells.tanh",
        "whylstm.initialisations.gaussian",
        "whylstm.tasks.temporal_order",
        "whylstm.training.compiled_cells.tanh",
        "whylstm.training.optimisers.sgd",
    }


def test_attention_is_an_arm_like_any_other():
    arm = {"cell": "attention", "initialisation": "gaussian", "gain": 1.0, "input_scale": 1.0, "rate": 0.1}
    (trial, _) = replicates(changed(arms={"look": arm}))
    assert (trial.cell, trial.gain, trial.forget_bias) == ("attention", 1.0, None)
    assert "whylstm.readers.attention" in trial.modules
