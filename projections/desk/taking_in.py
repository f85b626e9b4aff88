"""Taking in live tickets of other platforms: 12345, grid, digital city management, petitions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from projections.desk.answer import Answer, Diagnostic
from projections.desk.desk import Desk
from projections.desk.duplicates import reminders
from projections.desk.founding import read
from projections.desk.importing import readable
from projections.desk.words import say
from whistle.domain.incident.events import IncidentReported
from whistle.domain.incident.intake import AcceptIncident, ReportIncident, ticket_stream
from whistle.domain.refusal import NotFound, _
from whistle.engine import Given
from whistle.ticket_map import TicketMap, read_ticket_map, shipped
from whistle.ticket_table import BadRow, Ticket, Tickets, read_tickets

BATCH = 200
"""Tickets of one transaction: who blows meanwhile waits about a tenth of a second."""
SHOWN = 10  # rows of a kind that a person is shown; --json has all


class Sorted(NamedTuple):
    """The tickets of a file against what is on record."""

    fresh: list[list[Ticket]]  # in batches of the file's rows, so that a repeat meets the same
    known: list[tuple[Ticket, str]]  # with the name it is on record as
    conflicts: list[tuple[Ticket, str]]  # on record with other content


def taken_in(desk: Desk, file: str, map_name: str, *, accept: bool, skip_bad: bool) -> Answer:
    """Check every row of a file, then report what is new.

    A file with a bad row is refused whole unless those are to be skipped.
    """
    desk.check_town()
    by = _map(map_name)
    playbook = desk.playbook
    if playbook is None:
        raise NotFound(_("No playbook is in force."), hint="whistle init --playbook FILE")
    with readable(file) as path:
        found = read_tickets(path, by, playbook, desk.received_at)
    if found.bad and not skip_bad:
        return _refused(found)
    sorted_out = _sorted_out(desk, found.good)
    names = [] if desk.options["dry_run"] else _report(desk, sorted_out.fresh, accept=accept)
    answer = _answer(desk, found, sorted_out, names)
    if names:
        answer.diagnostics += _reminded(desk, sorted_out.fresh)
    return answer


def _map(name: str) -> TicketMap:
    return read_ticket_map(read(Path(name)) if name.endswith(".toml") else shipped(name))


def _sorted_out(desk: Desk, tickets: Sequence[Ticket]) -> Sorted:
    """Which tickets are new, on record, or on record with other content; the first row counts."""
    found = Sorted([], [], [])
    met: dict[str, Ticket] = {}
    with desk.reading() as reader:
        for at in range(0, len(tickets), BATCH):
            fresh = []
            for ticket in tickets[at : at + BATCH]:
                stream = ticket_stream(ticket.channel, ticket.number)
                before = met.setdefault(stream, ticket)
                named = reader.of_stream(stream)
                if named is not None:
                    told = reader.stream(stream)[0].event
                    same = isinstance(told, IncidentReported) and _says(told) == _says(ticket)
                    (found.known if same else found.conflicts).append((ticket, named.name or ""))
                elif before is ticket:
                    fresh.append(ticket)
                else:
                    same = _says(before) == _says(ticket)
                    (found.known if same else found.conflicts).append((ticket, ""))
            found.fresh.append(fresh)
    return found


def _says(told: Ticket | IncidentReported) -> tuple[object, ...]:
    """What a ticket tells, so that two tellings can be compared."""
    at = told.taken_at if isinstance(told, Ticket) else told.ticket_at
    return told.item, told.place, told.grid, at, told.note


def _report(desk: Desk, batches: Sequence[Sequence[Ticket]], *, accept: bool) -> list[str]:
    """Report every new ticket, a batch in a transaction; the names they got."""
    for part, batch in enumerate(batches):
        orders: list[Given] = []
        for ticket in batch:
            stream = ticket_stream(ticket.channel, ticket.number)
            orders.append(Given(stream, _order(ticket)))
            if accept:
                orders.append(Given(stream, AcceptIncident()))
        if orders:
            last = part == len(batches) - 1
            desk.ask("import", orders, name="", part=None if last else part)
    streams = [ticket_stream(each.channel, each.number) for batch in batches for each in batch]
    with desk.reading() as reader:
        named = [reader.of_stream(stream) for stream in streams]
    return [each.name or "" for each in named if each]


def _order(ticket: Ticket) -> ReportIncident:
    return ReportIncident(
        item=ticket.item,
        place=ticket.place,
        channel=ticket.channel,
        grid=ticket.grid,
        source_ticket=ticket.number,
        ticket_at=ticket.taken_at,
        note=ticket.note,
    )


def _reminded(desk: Desk, batches: Sequence[Sequence[Ticket]]) -> list[Diagnostic]:
    """What the first new tickets remind of, as a report by hand would be told."""
    told: list[Diagnostic] = []
    for ticket in (each for batch in batches for each in batch):
        stream = ticket_stream(ticket.channel, ticket.number)
        told += reminders(desk, stream, ticket.item, ticket.place, sounds=False)
        if len(told) >= SHOWN:
            break
    return told[:SHOWN]


def _refused(found: Tickets) -> Answer:
    message = say(_("Bad rows: {count}. Nothing was written."), count=len(found.bad))
    hint = say(_("mend the rows or the map, or leave them out with --skip-bad"))
    return Answer(
        data={**_facts(found), "recorded": 0},
        lines=_told_bad(found),
        status="refused",
        diagnostics=[Diagnostic(message=message, rule="import.bad_rows", hint=hint), *_idle(found)],
    )


def _idle(found: Tickets) -> list[Diagnostic]:
    """A note on what the map names and this town does not have: only rows of these suffer."""
    if not found.idle:
        return []
    text = _(
        "The map names items that the catalogue does not have: {items}. Only their rows miss them."
    )
    return [
        Diagnostic(
            message=say(text, items=", ".join(found.idle)),
            rule="tickets.map_items",
            hint=say(_("a town with items of its own writes its own map: whistle item list")),
        )
    ]


def _answer(desk: Desk, found: Tickets, sorted_out: Sorted, names: list[str]) -> Answer:
    known, conflicts = sorted_out.known, sorted_out.conflicts
    new = sum(map(len, sorted_out.fresh))
    text = _("{rows} rows: {new} recorded, {known} known, {conflicts} in conflict, {bad} bad")
    if desk.options["dry_run"]:
        text = _("{rows} rows: {new} new, {known} known, {conflicts} in conflict, {bad} bad "
                 "(rehearsed, nothing written)")  # fmt: skip
    lines = [say(text, rows=found.rows, new=new, known=len(known), conflicts=len(conflicts),
                 bad=len(found.bad))]  # fmt: skip
    if names:
        lines.append(say(_("  {first} to {last}"), first=names[0], last=names[-1]))
    for ticket, name in conflicts[:SHOWN]:
        told = _("  row {row}: ticket {ticket} is on record with other content ({name}); kept out")
        lines.append(say(told, row=ticket.row, ticket=ticket.number, name=name))
    data = {
        **_facts(found),
        "recorded": len(names),
        "new": new,
        "known": len(known),
        "conflicts": [
            {"row": each.row, "ticket": each.number, "name": name} for each, name in conflicts
        ],
        "names": names,
    }
    answer = Answer(
        data=data, lines=[*lines, *_told_bad(found)], ids=names, diagnostics=_idle(found)
    )
    if conflicts:
        answer.status = "found"
    return answer


def _facts(found: Tickets) -> dict[str, Any]:
    return {
        "rows": found.rows,
        "encoding": found.encoding,
        "dropped_columns": list(found.dropped),
        "bad": [
            {"row": each.row, "reason": _reason(each), "rule": each.rule} for each in found.bad
        ],
        "unknown_items": found.unknown_items,
    }


def _reason(bad: BadRow) -> str:
    return say(bad.reason, **bad.words)


def _told_bad(found: Tickets) -> list[str]:
    lines = [
        say(_("  row {row}: {reason}"), row=each.row, reason=_reason(each))
        for each in found.bad[:SHOWN]
    ]
    if len(found.bad) > SHOWN:
        more = len(found.bad) - SHOWN
        lines.append(say(_("  and {count} more; --json lists them"), count=more))
    for item, rows in found.unknown_items.items():
        text = _("  no item is called {item} (rows {rows}): name it under [items] of the map")
        lines.append(say(text, item=item, rows=", ".join(map(str, rows[:SHOWN]))))
    if found.dropped:
        text = _("  of the reporter, neither read nor kept: {columns}")
        lines.append(say(text, columns=", ".join(found.dropped)))
    return lines
