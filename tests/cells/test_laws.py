"""Every cell that is found, at every size, saturation and seed, against every law."""

import pytest

from tests.cases import cases
from tests.cells.laws import LAWS
from whylstm import cells


@pytest.mark.parametrize("case", cases(cells.names()), ids=str)
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(law, case):
    law(case)
