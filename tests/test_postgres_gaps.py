"""Who reads an old snapshot, or follows while others commit across one another, jumps no number.

P9. A sequence gives a number before its transaction commits: a later number can be there first, and
whoever has passed it never meets the earlier one. Ours is taken under the lock, from the head.
"""

from collections.abc import Iterator

import pytest

from tests.conftest import Often
from tests.office import Office
from tests.overtaking import OVERTAKEN, WRITERS, Crossing, Step, drawn, guarded, unguarded
from tests.town import at

SEEDS = range(6)


@pytest.fixture
def kind() -> str:
    return "postgresql"


@pytest.fixture
def ours(office: Office) -> Iterator[Crossing]:
    """Writers of ours, each at a desk of his own."""
    desks = [Office(office.address, at("09:00")) for _ in range(WRITERS)]
    yield Crossing(office, [guarded(desk.log) for desk in desks])
    for desk in desks:
        desk.close()


@pytest.fixture
def theirs(office: Office) -> Crossing:
    """The guard taken off: writers whose numbers are those of a sequence."""
    return Crossing(office, [unguarded(office)] * WRITERS)


def test_a_reader_of_an_old_snapshot_and_who_follows_meet_each_number_once(
    ours: Crossing,
) -> None:
    assert ours.play(OVERTAKEN) == []
    assert ours.pages == [ours.begins_at + 1, ours.begins_at + 2]
    assert ours.log.verify().ok


def test_what_is_taken_back_leaves_no_hole(ours: Crossing) -> None:
    steps = [Step("begin", 0), Step("begin", 1), Step("look"), Step("take back", 0), Step("look")]
    assert ours.play(steps) == []
    assert ours.pages == [ours.begins_at + 1]
    assert ours.log.verify().ok


@pytest.mark.parametrize("seed", SEEDS)
def test_in_whatever_order_writers_begin_and_end_nobody_jumps_a_number(
    ours: Crossing, often: Often, seed: int
) -> None:
    assert ours.play(drawn(seed, often(40, 60, 5_000))) == []
    assert len(ours.pages) > 3
    assert ours.log.verify().ok


def test_the_suite_notices_numbers_of_a_sequence(theirs: Crossing) -> None:
    wrong = theirs.play(OVERTAKEN)
    first, second = theirs.begins_at + 1, theirs.begins_at + 2
    assert theirs.pages == [second], "the first came in behind who follows"
    assert [line.partition(" met ")[0] for line in wrong] == [
        "who follows page by page",
        "who follows up to the head",
    ]
    assert [each.seq for each in theirs.log.page(theirs.begins_at)] == [first, second]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_suite_notices_them_in_whatever_order(theirs: Crossing, seed: int) -> None:
    assert theirs.play(drawn(seed, 40)) != []
