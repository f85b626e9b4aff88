"""The board of the night screen: what is owed, the most urgent first, cut to the window."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from projections.desk import times
from projections.desk.desk import Desk
from projections.desk.reading import views
from projections.desk.tables import table
from projections.desk.terminal import wide
from projections.desk.tones import Toned, tone
from projections.desk.waiting import fact
from projections.desk.words import VERBS, plain, say, word
from whistle.domain.moment import SECOND
from whistle.domain.refusal import _
from whistle.log.rows import Recorded

if TYPE_CHECKING:
    from projections.deadlines import DutyRow


class Board:
    """What one desk watches: a unit's own steps, or the whole town's for the town office."""

    def __init__(self, desk: Desk, unit: str, cases: frozenset[str]) -> None:
        self.desk = desk
        self.unit = unit  # "" watches the whole town
        self.cases = cases
        self.rows: list[DutyRow] = []
        self.places: dict[str, str] = {}

    def concerns(self, each: Recorded) -> bool:
        """Whether an event belongs on this board."""
        if self.cases and (each.correlation_id or each.stream) not in self.cases:
            return False
        return not self.unit or self.unit in each.event.concerns()

    def look(self, *, anew: bool = True) -> None:
        """Read what is owed now, if anything was recorded since."""
        if not anew:
            return
        from projections import deadlines

        kept = len(self.desk.diagnostics)
        with views(self.desk) as open_views:
            mine = (self.unit,) if self.unit else ()
            rows = deadlines.inbox(open_views, *mine)
        if self.rows:
            del self.desk.diagnostics[kept:]  # told with the first look
        self.rows = [row for row in rows if not self.cases or row.case_id in self.cases]
        with self.desk.reading() as reader:
            found = reader.subjects(sorted({row.stream for row in self.rows}))
        self.places = {stream: place for stream, (_item, place) in found.items()}

    def names(self) -> list[str]:
        """The names on the board."""
        return [row.name for row in self.rows]

    def facts(self) -> list[dict[str, Any]]:
        """The board for programs."""
        now = self.desk.received_at
        return [
            {
                **fact(self.desk, row),
                "state": self._state(row),
                "left_s": (row.due - now) // SECOND if row.due is not None else None,
            }
            for row in self.rows
        ]

    def _state(self, row: "DutyRow") -> str:
        if row.due is not None and row.due < self.desk.received_at:
            return "overdue"
        return "new" if row.verb in ("ack", "approve", "deliver") else "running"

    def lines(self, width: int, height: int) -> list[str]:
        """The board as lines that fit the window; what does not fit is counted."""
        room = height - 2  # below the first line and the heads
        visible = self.rows if len(self.rows) <= room else self.rows[: max(room - 1, 0)]
        shown = [self._cells(row) for row in visible]
        columns = ("", *(say(text) for text in _COLUMNS))
        colours = [tone(row.due, self.desk.received_at) for row in visible]
        body = table(columns, shown, colours) if shown else []
        lines = [self._head(), *(body if self.rows else [say(_("Nothing waits."))])]
        if more := len(self.rows) - len(visible):
            lines.append(say(_("… and {count} more"), count=more))
        return [Toned(clipped(line, width), getattr(line, "tone", "")) for line in lines[:height]]

    def _head(self) -> str:
        desk, now = self.desk, self.desk.received_at
        states = [self._state(row) for row in self.rows]
        soon = sum(times.soon(row.due, now) for row in self.rows)
        told = say(
            _("{time}  {town}, {unit}: {new} new, {soon} due within the hour, {late} overdue"),
            time=times.shown(now, desk.zone),
            town=desk.town.name,
            unit=desk.unit_name(self.unit),
            new=states.count("new"),
            soon=soon,
            late=states.count("overdue"),
        )
        return plain(told)

    def _cells(self, row: "DutyRow") -> tuple[str, ...]:
        desk, now = self.desk, self.desk.received_at
        return (
            say(_STATES[self._state(row)]),
            times.left(row.due, now) if row.due is not None else "",
            times.shown(row.due, desk.zone, now) if row.due is not None else "",
            row.name,
            desk.unit_name(row.unit),
            word(VERBS, row.verb),
            self.places.get(row.stream, ""),
        )


_STATES = {"overdue": _("OVERDUE"), "new": _("NEW"), "running": ""}
_COLUMNS: Sequence[str] = (_("left"), _("due"), _("name"), _("unit"), _("do"), _("place"))


def clipped(line: str, width: int) -> str:
    """As much of a line as a window of so many columns shows; a wide sign is never halved."""
    if len(line) * 2 <= width or wide(line) <= width:
        return line
    taken, columns = [], 0
    for sign in line:
        columns += wide(sign)
        if columns > width:
            break
        taken.append(sign)
    return "".join(taken)
