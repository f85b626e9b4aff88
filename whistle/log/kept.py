"""Replies and the list of imported lines proved: no leaf covers them, but events tell of them.

What a reply says beside the events (stages, clocks, the next step) is not recomputed, and a refused
attempt leaves no event: an insider's change of those goes unseen.
"""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

from whistle import codec
from whistle.domain.clock_anomaly import ClockAnomaly
from whistle.domain.history import HistoryRecorded, digest
from whistle.domain.refusal import Broken, _
from whistle.log.faults import MISTYPED, RESTORE
from whistle.log.reader import SQLReader
from whistle.log.reply_form import named

_NO_REPLY = _("the command of the event at {seq} has lost its reply")
_OTHER_EVENTS = _("the reply to the command of the event at {seq} names other events")
_NO_EVENTS = _("a command without events has no reply, or one that names events")
_NOWHERE = _("the name {name} has a number, and stands in no event")
_SOURCES = _("the list of imported lines does not follow from the imported events")
_WITHOUT_EVENTS = """
SELECT c.id, r.body FROM commands c LEFT JOIN replies r ON r.command = c.id
WHERE c.id IN (SELECT id FROM commands EXCEPT SELECT command FROM ledger)
UNION ALL SELECT NULL, body FROM replies WHERE command NOT IN (SELECT id FROM commands)
"""
_UNUSED = """
SELECT stream FROM streams WHERE id IN
  (SELECT id FROM streams EXCEPT SELECT originator_id FROM events
   EXCEPT SELECT correlation FROM ledger)
UNION ALL SELECT topic FROM topics WHERE id NOT IN (SELECT topic FROM events)
"""
_IMPORTED = "SELECT state FROM events WHERE topic = (SELECT id FROM topics WHERE topic = ?)"
_ODD = _("a reply holds a value that was never written there: {fault}")


def prove(reader: SQLReader) -> None:
    """Compare replies and sources with the events; Broken names the first that differs."""
    try:
        _prove_replies(reader)
        _prove_sources(reader)
    except (*MISTYPED, LookupError) as error:
        raise _broken(_ODD, 0, fault=str(error)) from error


def _prove_replies(reader: SQLReader) -> None:
    """Each command on record has the reply that a repeat of it would get, and no other has one."""
    beside = reader.scan(
        "SELECT l.command, l.seq, r.body FROM ledger l "
        "LEFT JOIN replies r ON r.command = l.command ORDER BY l.seq"
    )
    for _command, rows in groupby(beside, itemgetter(0)):
        said, *more = rows
        _prove_reply(reader, said[2], [said[1], *(row[1] for row in more)])
    for command, body in reader.scan(_WITHOUT_EVENTS):
        if command is None or body is None or any(named(bytes(body))):
            raise _broken(_NO_EVENTS, 0)
    for (name,) in reader.scan(_UNUSED):
        raise _broken(_NOWHERE, 0, name=name)


def _prove_reply(reader: SQLReader, body: bytes | None, seqs: list[int]) -> None:
    if body is None:
        raise _broken(_NO_REPLY, seqs[0])
    said, counted = named(bytes(body))
    if said == seqs or (not said and counted == len(seqs)):
        return
    # what the clock did is recorded with an order, and is none of its doing
    own = [seq for seq in seqs if _topic(reader, seq) != ClockAnomaly.topic]
    if said != own and (said or counted != len(own)):
        raise _broken(_OTHER_EVENTS, seqs[0])


def _topic(reader: SQLReader, seq: int) -> object:
    (topic,) = reader.topics([seq])
    return topic


def _prove_sources(reader: SQLReader) -> None:
    """The imported lines by which a repeat is known are those of the imported events.

    Both lists are added up, hash by hash: it takes no memory, and the order does not matter.
    """
    kept = _added_up(reader.scan("SELECT source, event_id, digest FROM sources"))
    states = reader.scan(_IMPORTED, HistoryRecorded.topic)
    told = _added_up(_line(codec.decode(HistoryRecorded.topic, state)) for (state,) in states)
    if kept != told:
        raise _broken(_SOURCES, 0)


def _line(event: Any) -> tuple[str, str, bytes]:
    return event.source, event.source_event_id, digest(event)


def _added_up(lines: Iterable[tuple[str, str, bytes]]) -> tuple[int, int]:
    count = total = 0
    for line in lines:
        count += 1
        total += hash(line)  # keyed anew in each process: nobody can aim at it
    return count, total


def _broken(text: str, seq: int, **words: object) -> Broken:
    return Broken(text, rule="audit.kept", hint=RESTORE, seq=seq, **words)
