"""Hostile values in every key of the config: each is refused in one printable line, whatever stands elsewhere."""

import copy
import math

import pytest

from tests.study.cases import training
from whylstm.errors import StudyError
from whylstm.study.config import assemble
from whylstm.study.schema import keys

TEXTS = [
    "; touch hacked",
    "$(touch hacked)",
    "`touch hacked`",
    "a b",
    "it's",
    'say "x"',
    "new\nline",
    "../up",
    "/etc/passwd",
    "nul\0",
    "x" * 100_000,
    "\N{LATIN SMALL LETTER U WITH DIAERESIS}\u202e",
    "\x1b[31m",
    "!!python/object:os.system",
    "{{ 7*7 }}",
    "-rf",
    "1e3",
    "0x10",
    "",
]
NUMBERS = [math.inf, -math.inf, math.nan, True, False, 10**400, -(10**400), 1e400, -1, None, b"7", complex(1, 1)]
KEYS = {key.path: key for key in keys()}
OPEN = {
    "simulation.grids.<name>.options",
    "training.experiments.<name>.arms.<name>.options",
    "training.experiments.<name>.arms.<name>.optimiser_options",
}
"""Keys whose value is a mapping of the user's own names; what stands in them is checked by other tests."""


def placed(path, value):
    """Return a valid config with a value at a key; where the user names what it holds, it is the name that is there."""
    names = {"simulation.grids": "one", "training.experiments": "race", "training.experiments.race.arms": "plain"}
    raw = node = training()
    walked = []
    for part in path.split("."):
        part = names.get(".".join(walked), "alpha") if part == "<name>" else part
        walked.append(part)
        node, last = (node.setdefault(part, {}) if len(walked) < len(path.split(".")) else node), part
    node[last] = value
    return raw


def refusal(raw):
    """Return the line that a config is refused with."""
    before = copy.deepcopy(raw)
    with pytest.raises(StudyError) as caught:
        assemble(raw, None, {})
    assert repr(raw) == repr(before)
    line = str(caught.value)
    assert line.isprintable()
    assert len(line) < 1000
    return line


def test_there_are_keys_of_every_kind():
    assert {"text", "number", "whole number", "list of texts", "mapping"} <= {key.type for key in KEYS.values()}
    assert len(KEYS) > 100


@pytest.mark.parametrize("path", sorted(KEYS.keys() - OPEN))
def test_no_hostile_text_is_taken_anywhere(path):
    """No key holds free text: every text is a name that must exist, so none can be a command or a path."""
    for text in TEXTS:
        refusal(placed(path, text))
        if KEYS[path].type.startswith("list"):
            refusal(placed(path, [text]))


@pytest.mark.parametrize("path", sorted(path for path in KEYS if "number" in KEYS[path].type))
def test_no_number_is_taken_that_is_none(path):
    """Truth values, infinities, what is not a number, what no float can hold, and nothing at all."""
    for number in NUMBERS:
        if number == -1 and "from -" in KEYS[path].range:
            continue
        value = [number] if KEYS[path].type.startswith("list") else number
        refusal(placed(path, value))
