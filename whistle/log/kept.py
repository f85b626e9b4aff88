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
from whistle.log.faults import RESTORE
from whistle.log.reader import SQLReader
from whistle.log.reply_form import named
from whistle.log.verify import MISTYPED

_NO_REPLY = _("the command of the event at {seq} has lost its reply")
_OTHER_BODY = _("the reply to the command of the event at {seq} is bound to another command")
_OTHER_EVENTS = _("the reply to the command of the event at {seq} names other events")
_NO_EVENTS = _("a reply names events that no command recorded")
_SOURCES = _("the list of imported lines does not follow from the imported events")
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
    beside = reader.scan("SELECT command_id, command_digest, seq FROM ledger ORDER BY seq")
    for command, rows in groupby(beside, itemgetter(0)):
        said, *more = rows
        _prove_reply(reader, command, said[1], [said[2], *(row[2] for row in more)])
    reader.cursor.execute(
        "SELECT body FROM replies WHERE command_id IN "
        "(SELECT command_id FROM replies EXCEPT SELECT command_id FROM ledger)"
    )
    for (body,) in reader.cursor.fetchall():
        if any(named(body)):
            raise _broken(_NO_EVENTS, 0)


def _prove_reply(reader: SQLReader, command: bytes, bound: bytes, seqs: list[int]) -> None:
    kept = reader.reply_of(command)
    if kept is None:
        raise _broken(_NO_REPLY, seqs[0])
    if kept[0] != bound:
        raise _broken(_OTHER_BODY, seqs[0])
    said, counted = named(kept[1])
    if said == seqs or (not said and counted == len(seqs)):
        return
    # what the clock did is recorded with an order, and is none of its doing
    own = [seq for seq in seqs if _topic(reader, seq) != ClockAnomaly.topic]
    if said != own and (said or counted != len(own)):
        raise _broken(_OTHER_EVENTS, seqs[0])


def _topic(reader: SQLReader, seq: int) -> object:
    reader.cursor.execute("SELECT topic FROM events WHERE position = ?", (seq,))
    return reader.cursor.fetchone()[0]


def _prove_sources(reader: SQLReader) -> None:
    """The imported lines by which a repeat is known are those of the imported events.

    Both lists are added up, hash by hash: it takes no memory, and the order does not matter.
    """
    kept = _added_up(reader.scan("SELECT source, event_id, digest FROM sources"))
    states = reader.scan("SELECT state FROM events WHERE topic = ?", HistoryRecorded.topic)
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
