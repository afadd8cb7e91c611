"""Every cell that is found, against every law about what it declares."""

import pytest

from tests.cells.declarations import DECLARATIONS
from whylstm import cells


@pytest.mark.parametrize("name", cells.names())
@pytest.mark.parametrize("law", DECLARATIONS, ids=lambda law: law.__name__)
def test_declaration(law, name):
    law(name)
