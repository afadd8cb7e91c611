"""The family of all that can be trained on a sequence: cells and others, one name each."""

import pytest

from whylstm import cells, families, initialisations, readers
from whylstm.cells.base import Cell, Reader
from whylstm.errors import StudyError

OTHERS = families.names(readers.FAMILY)


def test_every_cell_is_a_reader_and_no_name_is_used_twice():
    assert set(cells.names()) < set(readers.names())
    assert not set(OTHERS) & set(cells.names())
    assert {"attention", "lstm"} <= set(readers.names())


@pytest.mark.parametrize("name", readers.names())
def test_a_reader_is_known_by_its_name_and_says_where_it_comes_from(name):
    reader = readers.load(name)
    assert isinstance(reader, Reader)
    assert reader.name == name
    assert reader.source
    assert isinstance(reader, Cell) == (name not in OTHERS)
    assert readers.module(name) == type(reader).__module__


@pytest.mark.parametrize("name", OTHERS)
def test_initialisations_draw_its_tensors(name):
    reader = readers.load(name)
    for start in ("gaussian", "torch_default", "keras_default", "orthogonal"):
        fields = {"gain": 1.0, "forget_bias": 1.0, "input_scale": 1.0}
        found = initialisations.weights(start, reader, 8, 3, 1, 0, **fields)
        assert found["W"].shape == (len(reader.gates), 8, 3)
        assert found["U"].shape == (len(reader.recurrent_gates), 8, 8)
        assert found["b"].shape == (len(reader.gates), 8)
    with pytest.raises(StudyError, match="has none; allowed: cells with a carry gate"):
        initialisations.weights("chrono", reader, 8, 3, 1, 0, gain=1.0, input_scale=1.0, t_max=20.0)


def test_an_unknown_reader_is_named_with_the_nearest():
    with pytest.raises(StudyError, match="did you mean 'lstm'"):
        readers.load("lstn")
