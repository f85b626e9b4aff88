"""What every view is made of: rows in memory, handlers by annotation, an undo for each event."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from projections.digest import Sum
from projections.projection import Projection, Row, Rows, Table
from projections.rows import Held
from whistle.domain.incident.events import CalledBack, IncidentAccepted, IncidentClosed
from whistle.log.rows import Recorded


class Note(Row, frozen=True, kw_only=True):
    """A row with one column of each sort."""

    name: str
    times: int = 0
    urgent: bool | None = None
    units: tuple[str, ...] = ()


notes = Table("notes", Note, "name")
OLD = Note(case_id="a", name="one", times=1, urgent=True, units=("jj", "xf"))


def loaded(*held: Note) -> tuple[Held, list[set[str]]]:
    """Rows over a store that holds some notes, and which cases were asked for."""
    asked: list[set[str]] = []

    def load(cases: Iterable[str]) -> dict[Table[Any], list[Any]]:
        asked.append(set(cases))
        return {notes: [note for note in held if note.case_id in asked[-1]]}

    return Held(load), asked


def test_a_case_is_loaded_once_and_in_bulk() -> None:
    rows, asked = loaded(OLD)
    rows.expect({"a", "b"})
    rows.expect({"b", "c"})
    assert rows.get(notes, "one") == OLD
    assert asked == [{"a", "b"}, {"c"}]


def test_a_view_that_starts_empty_asks_the_store_for_nothing() -> None:
    rows, asked = loaded()
    rows.all_held()
    rows.expect({"a"})
    assert asked == []


def test_what_an_event_did_is_undone_as_one() -> None:
    rows, _ = loaded(OLD)
    rows.expect({"a"})
    rows.begin("a")
    rows.put(notes, Note(case_id="a", name="two"))
    rows.begin("a")
    rows.change(notes, "one", times=2)
    rows.change(notes, "one", times=3)
    rows.delete(notes, "two")
    rows.put(notes, Note(case_id="a", name="three"))
    rows.undo()
    assert rows.get(notes, "one") == OLD
    assert rows.get(notes, "two") == Note(case_id="a", name="two")
    assert rows.get(notes, "three") is None


def test_a_row_that_must_be_there_and_is_not_parks_the_case() -> None:
    rows, _ = loaded()
    with pytest.raises(LookupError):
        rows.change(notes, "one", times=2)


def test_forgetting_a_case_leaves_the_others() -> None:
    other = Note(case_id="b", name="other")
    rows, _ = loaded(OLD, other)
    rows.expect({"a", "b"})
    rows.forget("a")
    assert (rows.get(notes, "one"), rows.get(notes, "other")) == (None, other)


def test_what_was_put_and_deleted_is_written_and_read_back_as_it_was() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as tx:
        notes.sql().create(tx)
        rows, _ = loaded()
        rows.all_held()
        rows.put(notes, OLD)
        rows.put(notes, Note(case_id="b", name="gone"))
        rows.write(tx, "")
        rows.written()
        rows.change(notes, "one", urgent=None, units=())
        rows.delete(notes, "gone")
        rows.write(tx, "")
        assert notes.select(tx) == [Note(case_id="a", name="one", times=1)]
    engine.dispose()


def test_cases_add_up_to_one_digest_in_any_order() -> None:
    one = notes.values([OLD, Note(case_id="a", name="two", urgent=False)])
    other = notes.values([Note(case_id="b", name="one")])
    together, apart, later, read_back = Sum(), Sum(), Sum(), Sum()
    for rows in (one, other):
        together.take(notes, rows)
    apart.take(notes, other)
    later.take(notes, one)
    apart.join(later)
    for rows in (one, other):
        read_back.take(
            notes, [tuple(1 if value is True else value for value in row) for row in rows]
        )
    view = Projection("notes", notes)
    assert together.of(view) == apart.of(view) == read_back.of(view)
    apart.take(notes, notes.values([Note(case_id="c", name="one")]))
    assert together.of(view) != apart.of(view)


def test_many_events_of_a_kind_are_told_at_once_or_one_by_one() -> None:
    view = Projection("notes", notes)

    @view.when_many
    def heard(rows: Rows, told: Sequence[Recorded], events: Sequence[CalledBack]) -> None:
        times = len(told) + len(events)
        row = rows.get(notes, "heard") or Note(case_id=rows.case_id, name="heard")
        rows.put(notes, msgspec.structs.replace(row, times=row.times + times))

    assert view.events == {CalledBack}
    some: Any = ("one", "two", "three")
    at_once, each = Rows(), Rows()
    view.at_once[CalledBack](at_once, some, some)
    for one in some:
        view.handlers[CalledBack](each, one, one)
    assert at_once.taken(notes) == each.taken(notes) == [Note(case_id="", name="heard", times=6)]


def test_a_handler_is_found_by_its_annotation_and_only_once_for_an_event() -> None:
    view = Projection("notes", notes)

    @view.when
    def moved(rows: Rows, told: Recorded, event: IncidentAccepted | CalledBack) -> None:
        """Two events, one handler."""

    assert view.events == {IncidentAccepted, CalledBack}
    assert IncidentClosed not in view.handlers
    with pytest.raises(TypeError, match="IncidentAccepted"):

        @view.when
        def again(rows: Rows, told: Recorded, event: IncidentAccepted) -> None:
            """Already taken."""
