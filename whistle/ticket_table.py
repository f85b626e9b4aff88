"""The tickets in a platform's export: every row checked before the first is recorded.

Only the columns that the map names are read. What tells of the reporter is left where it is: it is
neither kept nor digested, and a telephone or identity number in a place makes the row bad.
"""

from pathlib import Path
from typing import Final, NamedTuple

from whistle.domain.incident.events import Channel
from whistle.domain.moment import Instant, local
from whistle.domain.personal import names_a_person
from whistle.domain.playbook import Item, Playbook
from whistle.domain.refusal import _
from whistle.table_file import Column, Row, columns, folded, layout_of, rows
from whistle.ticket_map import TicketMap
from whistle.wall_clock import WallClock, zone_of

TICKET_MAX: Final = 200


class Ticket(NamedTuple):
    """One ticket, as it will be reported."""

    row: int  # in the spreadsheet
    channel: Channel
    number: str
    item: str  # a code of the catalogue
    place: str
    grid: str
    taken_at: Instant | None
    note: str


class BadRow(NamedTuple):
    """A row that is no ticket, and why."""

    row: int
    reason: str  # a template
    words: dict[str, object]
    rule: str


class Tickets(NamedTuple):
    """What a file holds."""

    rows: int
    encoding: str
    dropped: tuple[str, ...]  # columns that tell of the reporter, by name
    good: list[Ticket]
    bad: list[BadRow]
    unknown_items: dict[str, list[int]]  # the platform's name -> the rows that use it
    idle: tuple[str, ...]  # items of the map that the catalogue does not have, whoever needs them


class _Bad(Exception):
    def __init__(self, text: str, rule: str, **words: object) -> None:
        super().__init__(text)
        self.text, self.rule, self.words = text, rule, words


def read_tickets(path: Path, by: TicketMap, playbook: Playbook, now: Instant) -> Tickets:
    """Every row of a file as a ticket, or as what is wrong with it.

    An item of the map that the catalogue does not have matters only to a row that needs it: a
    shipped map serves towns with lists of their own.
    Raises NotFound, Refused or FaultyTable when the file or its header cannot be read.
    """
    names = [name for column in by.wanted() for name in column]
    layout = layout_of(path, names, encoding=by.encoding, delimiter=by.delimiter)
    reading = _Reading(by, playbook, columns(layout, by.wanted()), now)
    dropped = tuple(by.of_reporter(layout.header))
    found = Tickets(0, layout.encoding, dropped, [], [], {}, _idle(by, playbook))
    count = 0
    for row in rows(path, layout):
        count += 1
        try:
            found.good.append(reading.ticket(row))
        except _Bad as bad:
            if bad.rule == "tickets.item":
                found.unknown_items.setdefault(str(bad.words["item"]), []).append(row.number)
            found.bad.append(BadRow(row.number, bad.text, bad.words, bad.rule))
    return found._replace(rows=count)


def _idle(by: TicketMap, playbook: Playbook) -> tuple[str, ...]:
    return tuple(
        sorted({meant for name, meant in by.items.items() if not _found(playbook, name, meant)})
    )


def _found(playbook: Playbook, name: str, meant: str) -> Item | None:
    """The item that the map means; a town that has none of that name may have the platform's."""
    return playbook.item(meant) or playbook.item(name)


class _Reading:
    """Reads the rows of one file."""

    def __init__(
        self, by: TicketMap, playbook: Playbook, places: dict[Column, int], now: Instant
    ) -> None:
        self._by = by
        self._playbook = playbook
        self._places = places
        self._now = now
        self._zone = zone_of(by.zone)
        self._clock = WallClock(by.forms, self._zone)

    def ticket(self, row: Row) -> Ticket:
        if row.fault:
            raise _Bad(row.fault, "tickets.row", detail=row.detail)
        by = self._by
        number, place = self._needed(row, by.ticket), self._needed(row, by.place)
        if len(number) > TICKET_MAX:
            raise _Bad(_("the ticket's id is longer than {most} signs"), "tickets.id",
                       most=TICKET_MAX)  # fmt: skip
        grid, taken_at = self._cell(row, by.grid), self._time(row, by.taken)
        for column, text in ((by.place, place), (by.grid, grid)):
            if names_a_person(text):
                told = _("a telephone or identity number stands in {column}; it is not kept")
                raise _Bad(told, "tickets.personal", column=column[0])
        if taken_at is not None and taken_at > self._now:
            raise _Bad(_("{column} lies in the future"), "tickets.future", column=by.taken[0])
        item = self._item(self._needed(row, by.item))
        note = self._deadline(row)
        return Ticket(row.number, by.channel, number, item, place, grid, taken_at, note)

    def _cell(self, row: Row, column: Column) -> str:
        return folded(row.cells[self._places[column]]) if column else ""

    def _needed(self, row: Row, column: Column) -> str:
        text = self._cell(row, column)
        if not text or "\0" in text:
            raise _Bad(_("{column} is empty or cannot be kept"), "tickets.cell", column=column[0])
        return text

    def _time(self, row: Row, column: Column) -> Instant | None:
        text = self._cell(row, column)
        if not text:
            return None
        try:
            return self._clock.read(text).at
        except ValueError:
            told = _("{value} in {column} is no time in the forms of the map")
            raise _Bad(told, "tickets.time", value=text, column=column[0]) from None

    def _item(self, name: str) -> str:
        meant = self._by.items.get(name, name)
        item = _found(self._playbook, name, meant)
        if item is None and meant != name:
            told = _("{item} is {meant} by the map, and no item is called that")
            raise _Bad(told, "tickets.item", item=name, meant=meant)
        if item is None:
            raise _Bad(_("no item is called {item}"), "tickets.item", item=name)
        return item.code

    def _deadline(self, row: Row) -> str:
        """The platform's own limit as words: the town's clocks run by the town's playbook."""
        due = self._time(row, self._by.deadline)
        if due is None:
            return ""
        return f"平台时限 {local(due, self._zone).strftime('%Y-%m-%d %H:%M')}"
