"""Whatever happens, in any order: the record holds together, and every step leads somewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from projections import assess, command, coordinate, inspect, ledger, open_views
from tests.test_views import folded
from tests.wild import Wild, play, taken

SEEDS = range(2)


@pytest.fixture(params=SEEDS)
def town(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Wild]:
    played = Wild(tmp_path / "town.db", request.param)
    yield played
    played.close()


def test_every_step_that_is_told_as_next_may_be_taken(town: Wild) -> None:
    tried = 0
    for _ in range(8):
        play(town, 7)
        town.engine.tick()
        assert town.engine.tick() == [], "the clock repeats nothing"
        for step in town.steps():
            if (made := taken(step)) is None:
                continue
            refusal = town.refusal(*made, dry_run=True)
            # a claimed time that cannot be is contested instead, as the refusal says
            assert refusal is None or refusal.rule == "told.turn", (step.duty, str(refusal))
            tried += 1
    assert tried > 30
    assert "policy.reaction_refused/1" not in {each.topic for each in town.log.page(0, 9999)}


def test_the_record_and_every_view_of_it_tell_the_same(town: Wild) -> None:
    for _ in range(4):
        play(town, 14)
        with open_views(town.log, town.views_at) as views:
            views.catch_up()
    assert town.log.verify().ok
    with open_views(town.log, town.views_at) as views:
        assert not any(each.parked for each in views.status())
        assert ledger.assignments(views) == folded(town.log, town.log.size()).assignments()
        windows = (inspect, command, coordinate, assess)
        assert (
            len({(each.counts(views).whistles, each.counts(views).calls) for each in windows}) == 1
        )
        assert [each.name for each in views.rebuild() if each.changed] == []
