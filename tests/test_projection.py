"""What every view is made of: rows in memory, handlers by annotation, an undo for each event."""

from collections.abc import Iterable
from typing import Any

import pytest
import sqlalchemy as sa

from projections.projection import Projection, Row, Rows, Table
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


def loaded(*held: Note) -> tuple[Rows, list[set[str]]]:
    """Rows over a store that holds some notes, and which cases were asked for."""
    asked: list[set[str]] = []

    def load(cases: Iterable[str]) -> dict[Table[Any], list[Any]]:
        asked.append(set(cases))
        return {notes: [note for note in held if note.case_id in asked[-1]]}

    return Rows(load), asked


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
