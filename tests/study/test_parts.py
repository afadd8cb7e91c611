"""What is part of a study whose tables are not all there."""

from whylstm.study.parts import standing

PARTS = {
    "plain": {"tables": ("points",)},
    "solved": {"tables": ("runs", "points")},
    "of_solved": {"tables": ("solved",)},
    "misspelt": {"tables": ("pionts",)},
}


def reads(facts):
    return facts["tables"]


def test_what_reads_an_absent_table_falls_with_what_reads_that():
    absent = {"runs"}
    assert list(standing(PARTS, absent, reads)) == ["plain", "misspelt"]
    assert absent == {"runs", "solved", "of_solved"}


def test_where_nothing_is_absent_all_stands():
    assert standing(PARTS, set(), reads) == PARTS
