"""A case by itself: what cannot be taken parks it, what is corrected folds it anew."""

from typing import Any

import msgspec
import pytest

from projections import VIEWS, command, coordinate
from projections.catch_up import Views
from projections.projection import Rows
from tests.counting import Heard, counting, heard_table
from tests.played import Played
from whistle import codec
from whistle.domain.whistle.call import Acknowledge, Arrive, Finish
from whistle.domain.whistle.events import Arrived
from whistle.log.rows import Recorded


def test_a_corrected_case_is_counted_once_with_the_right_values(town: Played, views: Views) -> None:
    whistles = [town.blow(town.report(), "xf") for _ in range(2)]
    for whistle in whistles:
        town.call(whistle, Arrive(unit="xf"))
    view = counting()
    with views.reading(view) as tx:
        before = {row.whistle: row for row in heard_table.select(tx)}
    right = before[whistles[0]].last - 1
    for _ in range(2):
        assert town.correct(whistles[0], town.seq_of(whistles[0], Arrived), at=right)
    with views.reading(view) as tx:
        after = {row.whistle: row for row in heard_table.select(tx)}
    assert (after[whistles[0]].times, after[whistles[0]].last) == (1, right)
    assert after[whistles[1]] == before[whistles[1]]


def test_a_poison_event_parks_its_case_and_the_rest_goes_on(
    town: Played, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill, sound = (town.blow(town.report(), "xf") for _ in range(2))
    moved = coordinate.coordinate.handlers[Arrived]

    def poisoned(rows: Rows, told: Recorded, event: Arrived) -> None:
        moved(rows, told, event)
        if told.stream == ill:
            raise ValueError("no room for it")

    handlers: dict[type, Any] = coordinate.coordinate.handlers
    monkeypatch.setitem(handlers, Arrived, poisoned)
    for whistle in (ill, sound):
        town.call(whistle, Acknowledge(unit="xf"))
        town.call(whistle, Arrive(unit="xf"))
        coordinate.counts(views)
        town.call(whistle, Finish(unit="xf"))
    stages = {row.whistle: row.stage for row in coordinate.calls(views, unit="xf")}
    assert stages == {ill: "acknowledged", sound: "finished"}
    (status,) = (each for each in views.status() if each.name == "coordinate")
    first, *later = status.parked
    assert (first.seq, first.because) == (town.seq_of(ill, Arrived), "ValueError: no room for it")
    assert {each.case_id for each in status.parked} == {town.incidents[0]}
    assert [each.seq for each in later] == sorted(each.seq for each in later)
    assert later
    assert status.behind == 0
    monkeypatch.undo()
    (rebuilt,) = views.rebuild("coordinate")
    assert rebuilt.changed
    assert [each.parked for each in views.status()] == [()] * len(VIEWS)


def test_an_event_of_an_unknown_topic_is_parked_in_every_view(
    town: Played, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    whistle = town.blow(town.report(), "xf")
    town.call(whistle, Arrive(unit="xf"))
    seq = town.seq_of(whistle, Arrived)
    known = {topic: kind for topic, kind in codec.EVENTS.items() if topic != Arrived.topic}
    monkeypatch.setattr("whistle.codec.EVENTS", known)  # put back entry by entry, it is shuffled
    monkeypatch.setattr("whistle.codec._decoders", {})
    views.catch_up()
    for status in views.status():
        assert status.parked[0].seq == seq
        assert Arrived.topic in status.parked[0].because
    assert command.counts(views).whistles == 1


def test_what_follows_from_a_row_is_computed_once_a_batch_and_parks_its_case_alone(
    town: Played, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    whistles = [town.blow(town.report(), "xf", "rq") for _ in range(2)]
    for whistle in whistles:
        for unit in ("xf", "rq"):
            town.call(whistle, Arrive(unit=unit))
    view, followed = counting(), list[str]()
    monkeypatch.setitem(VIEWS, view.name, view)

    @view.after_batch(heard_table)
    def squared(rows: Rows, row: Heard) -> None:
        followed.append(row.whistle)
        if row.whistle == whistles[0]:
            raise LookupError("nothing follows from it")
        rows.put(heard_table, msgspec.structs.replace(row, times=row.times**2))

    with views.reading(view) as tx:
        found = {row.whistle: row.times for row in heard_table.select(tx)}
    assert sorted(followed) == sorted(whistles)  # once for each, though two units came
    assert found == {whistles[0]: 2, whistles[1]: 4}
    (parked,) = views.parked()["heard"]
    assert "nothing follows from it" in parked.because
