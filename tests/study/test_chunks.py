import pytest

from tests.study.cases import config
from whylstm.errors import StudyError
from whylstm.study import chunks as room
from whylstm.study import cost
from whylstm.study.chunks import check_memory, chunks, find, leading_bits
from whylstm.study.config import assemble
from whylstm.study.design import design


def layout(replicates=10, **grid):
    """Return the points of a grid and its chunks."""
    found = design(assemble(config(**grid), None, {}))
    return found, chunks(found, replicates)


WIDE = {"cell": ["lstm", "tanh"], "gain": [n / 10 for n in range(40)], "forget_bias": [0, 1, 2], "hidden": [8, 64]}


def test_every_point_is_in_one_chunk():
    points, found = layout(**WIDE)
    assert sorted(point.id for chunk in found for point in chunk.points) == [point.id for point in points]


def test_the_points_of_a_chunk_share_what_fixes_the_shapes_of_arrays():
    for chunk in layout(**WIDE)[1]:
        assert len({(p.cell, p.hidden, p.length, p.task, p.lags, p.windows, p.hops) for p in chunk.points}) == 1


def test_names_are_unique_and_tell_the_content():
    names = [chunk.name for chunk in layout(**WIDE)[1]]
    assert len(names) == len(set(names))
    assert "tanh-h008-t0300-noise-k200w5r8" in names
    assert any(name.startswith("lstm-h064-t0300-noise-k200w5r8-") for name in names)


def test_grids_that_differ_only_in_lags_have_chunks_of_their_own():
    raw = config(lags=100)
    raw["simulation"]["grids"]["two"] = {"cell": ["lstm"]}
    found = chunks(design(assemble(raw, None, {})), 1)
    assert {chunk.name for chunk in found} == {"lstm-h064-t0300-noise-k100w5r8", "lstm-h064-t0300-noise-k200w5r8"}


def test_large_groups_are_split_to_the_aimed_size_by_leading_bits():
    split = [chunk for chunk in layout(**WIDE)[1] if chunk.name.startswith("lstm-h064")]
    assert len(split) > 3
    for chunk in split:
        bits = chunk.name.rpartition("-")[2]
        assert {leading_bits(point, len(bits)) for point in chunk.points} == {bits}
        assert len(chunk.points) == 1 or chunk.seconds - cost.SECONDS_PER_JOB <= room.MOST_SECONDS


def test_a_point_that_is_large_by_itself_is_one_chunk():
    found = layout(replicates=10_000, gain=[1.0, 2.0])[1]
    assert [len(chunk.points) for chunk in found] == [1, 1]
    assert all(chunk.seconds > room.MOST_SECONDS for chunk in found)


def test_the_longest_comes_first():
    seconds = [chunk.seconds for chunk in layout(**WIDE)[1]]
    assert seconds == sorted(seconds, reverse=True)


def test_a_new_point_touches_only_the_chunk_that_it_falls_into():
    points, before = layout(**WIDE)
    more, after = layout(**{**WIDE, "gain": [*WIDE["gain"], 9.0]})
    new = {point.id for point in more} - {point.id for point in points}
    same = {chunk for chunk in after if not new & {point.id for point in chunk.points}}
    touched = [chunk for chunk in before if chunk not in same]
    # 9 new points: 3 biases × 2 widths for the lstm, 2 widths for tanh; each falls into one chunk of before
    assert len(new) == 8
    assert len(touched) <= len(new)
    assert len(same) > 5


def test_reordering_changes_no_chunk():
    reordered = {name: value[::-1] for name, value in WIDE.items()}
    assert layout(**reordered)[1] == layout(**WIDE)[1]


def test_a_chunk_is_found_by_name_and_a_wrong_name_is_told_the_nearest():
    found = layout()[1]
    assert find(found, found[0].name) == found[0]
    with pytest.raises(
        StudyError, match=r"there is no chunk 'lstm-h064-t0300-nois'; did you mean 'lstm-h064-t0300-noise-k200w5r8'"
    ):
        find(found, "lstm-h064-t0300-nois")


def test_memory_is_checked_beforehand_against_what_there_is():
    found = layout(hidden=[8, 64])[1]
    need = max(chunk.memory for chunk in found)
    check_memory(found, need)
    with pytest.raises(StudyError, match=r"^chunk lstm-h064-.* needs about 0\.\d\d GiB of memory, but a job can have"):
        check_memory(found, need - 1)


def test_schedulers_get_whole_mebibytes_that_suffice():
    chunk = layout()[1][0]
    assert 0 <= chunk.memory_mib * 2**20 - chunk.memory < 2**20
    assert chunk.priority == int(chunk.seconds)
