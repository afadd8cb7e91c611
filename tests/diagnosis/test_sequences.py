from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.diagnosis.users import inputs
from whylstm.diagnosis.sequences import parsed, prepare
from whylstm.errors import StudyError


def test_every_shape_becomes_sequences_steps_features():
    data = inputs(6)
    assert torch.equal(prepare(data, 3, False, range(6)).values, data)
    assert torch.equal(prepare(data.transpose(0, 1), 3, True, range(6)).values, data)
    assert torch.equal(prepare(data[2], 3, None).values, data[2:3])
    assert torch.equal(prepare(data.numpy(), 3, None, [4, 1]).values, data[[4, 1]])


def test_the_first_four_are_measured_unless_others_are_chosen_and_the_notes_say_so():
    found = prepare(inputs(6), 3, None)
    assert found.numbers == (0, 1, 2, 3)
    assert "Of 6 sequences, 4 were measured: 0, 1, 2, 3." in found.notes
    assert prepare(inputs(6), 3, None, [5, 5, 0]).numbers == (5, 0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_any_float_is_converted_with_a_note(dtype):
    found = prepare(inputs().to(dtype), 3, None)
    assert found.values.dtype == torch.float64
    assert f"The input is {str(dtype).removeprefix('torch.')} and was converted to float64." in found.notes


def test_the_users_array_is_copied():
    data = inputs().numpy()
    prepare(data, 3, None).values.zero_()
    assert data.any()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (torch.zeros(5, 4), r"the input has shape \(5, 4\), so 4 features, but the network reads 3"),
        (torch.zeros(5), r"the input has shape \(5,\); allowed: \(steps, features\) or"),
        (torch.zeros(1, 2, 5, 3), r"the input has shape \(1, 2, 5, 3\); allowed"),
        (torch.zeros(0, 3), r"the input has shape \(0, 3\), which holds no number"),
        (np.zeros((2, 0, 3)), r"the input has shape \(2, 0, 3\), which holds no number"),
        (torch.zeros(5, 3, dtype=torch.int64), "the input has dtype int64; allowed: floating-point numbers"),
        (np.zeros((5, 3), dtype=complex), "the input has dtype complex128; allowed"),
        (np.array([["a"]]), "the input has dtype <U1; allowed"),
        ([[0.0, 0.0, 0.0]], "the input is a list; allowed: a tensor or an array"),
        (torch.zeros(5, 3).to_sparse(), "the input is a sparse, quantised or empty"),
    ],
)
def test_what_is_no_input_is_refused_in_one_sentence(data, message):
    with pytest.raises(StudyError, match=message):
        prepare(data, 3, None)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_named_with_its_place(bad):
    data = inputs().numpy()
    data[1, 7, 2] = bad
    with pytest.raises(StudyError, match=rf"the input holds {bad:g} at sequence 1, step 7, feature 2"):
        prepare(data, 3, None)
    assert prepare(data, 3, None, [0]).numbers == (0,)


def test_a_choice_of_sequences_that_cannot_be_met_is_refused():
    with pytest.raises(StudyError, match="there is no sequence 2; allowed: 0 to 1"):
        prepare(inputs(), 3, None, [2])
    with pytest.raises(StudyError, match="sequences is empty"):
        prepare(inputs(), 3, None, [])
    assert list(parsed("0, 3,5:8")) == [0, 3, 5, 6, 7]
    with pytest.raises(StudyError, match="there is no sequence 2; allowed: 0 to 1"):
        prepare(inputs(), 3, None, parsed("0:999999999"))
    for text in ("", "a", "1;2", "-1", "1:2:3"):
        with pytest.raises(StudyError, match="is not allowed; allowed: numbers and ranges such as 0,3,5:8"):
            parsed(text)
