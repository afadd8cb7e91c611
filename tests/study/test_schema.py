import pytest
from jsonschema import Draft202012Validator

from tests.study.cases import config, training
from whylstm.study.schema import ROOT, allowed, completed, keys, schema


def leaves(node):
    """Yield every node of the schema that holds a value of its own."""
    inner = [*node.get("properties", {}).values()]
    inner += [node["additionalProperties"]] if isinstance(node.get("additionalProperties"), dict) else []
    for child in inner:
        yield child
        yield from leaves(child)


def test_the_schema_is_a_json_schema():
    Draft202012Validator.check_schema(schema())


def test_every_key_has_a_sentence_and_every_number_a_range():
    for key in keys():
        assert key.sentence.endswith((".", "?")), key.path  # an experiment is a question
        assert key.type
        if "number" in key.type:
            assert key.range, key.path


def test_every_number_but_the_seed_and_constants_of_cells_has_a_unit():
    # An experiment's settings say their unit in their sentence, which is their docstring.
    own = [key for key in keys() if not key.path.startswith("laboratory.")]
    bare = {key.path for key in own if "number" in key.type and not key.unit}
    assert {path for path in bare if not path.endswith("options.<name>")} == {"seed"}


def test_no_mapping_accepts_unknown_keys():
    mappings = [node for node in [schema(), *leaves(schema())] if node["type"] == "object"]
    assert len(mappings) > 5
    for node in mappings:
        assert node["additionalProperties"] is False or "propertyNames" in node


def test_every_default_is_itself_valid():
    defaults = [node for node in leaves(schema()) if "default" in node]
    assert len(defaults) > 10
    for node in defaults:
        Draft202012Validator(node).validate(node["default"])


def test_defaults_are_filled_in_at_every_level():
    full = completed(config())
    assert full["seed"] == 2018
    assert full["simulation"]["hops"] == 8
    assert full["simulation"]["grids"]["one"]["initialisation"] == ["gaussian"]
    assert "training" not in full


def test_a_grid_inherits_what_it_does_not_say():
    raw = config(lags=20)
    raw["simulation"] |= {"lags": 30, "windows": 3}
    grid = completed(raw)["simulation"]["grids"]["one"]
    assert (grid["lags"], grid["windows"], grid["hops"]) == (20, 3, 8)


def test_an_arm_inherits_from_its_experiment_and_that_from_training():
    raw = training(rate=2, arms={"plain": {"cell": "tanh"}, "own": {"cell": "gru", "rate": 3, "clip_norm": 4}})
    raw["training"] |= {"budget": 7, "gain": 5, "rate": 1}
    training_part = completed(raw)["training"]
    race = training_part["experiments"]["race"]
    assert (training_part["rate"], race["rate"], race["budget"], race["every"]) == (1.0, 2.0, 7, 250)
    assert [race["arms"][name]["rate"] for name in ("plain", "own")] == [2.0, 3.0]
    assert [race["arms"][name]["gain"] for name in ("plain", "own")] == [5.0, 5.0]
    assert [race["arms"][name].get("clip_norm") for name in ("plain", "own")] == [None, 4.0]  # nobody gives one
    assert "budget" not in race["arms"]["plain"]  # which an arm may not have


def test_a_length_may_be_a_pair():
    race = completed(training(lengths=[10, [20, 30]]))["training"]["experiments"]["race"]
    assert race["lengths"] == [10, [20, 30]]


def test_numbers_take_their_type_and_minus_zero_is_zero():
    grid = completed(config(gain=[1, 2], forget_bias=[-0.0]))["simulation"]["grids"]["one"]
    assert [repr(value) for value in (*grid["gain"], *grid["forget_bias"])] == ["1.0", "2.0", "0.0"]


def test_completing_is_idempotent_and_leaves_the_given_config_alone():
    raw = training()
    full = completed(raw)
    assert completed(full) == full
    assert raw == training()
    full["simulation"]["grids"]["one"]["initialisation"].append("x")
    assert completed(raw)["simulation"]["grids"]["one"]["initialisation"] == ["gaussian"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("seed",), "a whole number from 0 to 9223372036854775807"),
        (("device",), "one of: cpu, cuda"),
        (("simulation", "lags"), "a whole number from 1 to 1000000 (steps)"),
        (("simulation",), "a mapping with keys from: replicates, windows, lags, hops, grids"),
    ],
)
def test_what_is_allowed_reads_as_a_phrase(path, words):
    node = schema()
    for name in path:
        node = node["properties"][name]
    assert allowed(node) == words


def test_the_study_stands_where_the_package_looks_for_it():
    assert (ROOT / "config.yaml").is_file()
