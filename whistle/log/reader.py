"""Reading the log's own small tables by plain SQL: names and tails, units, what is in force."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec

from whistle import codec
from whistle.domain.correction import Told
from whistle.domain.moment import Instant
from whistle.domain.refusal import Broken, _
from whistle.domain.restored import STREAM
from whistle.domain.surroundings import OnRecord, UnitEntry
from whistle.log import epochs, rows, sites
from whistle.log.faults import RESTORE
from whistle.log.port import Attempt, Named, Streams
from whistle.log.rows import TOLD
from whistle.log.schema import NUMBER
from whistle.log.sites import Sited

_entries = msgspec.json.Decoder(UnitEntry)
_NAMED = "SELECT stream, kind, name, correlation_id, names.stage, item, place FROM names"


class SQLReader:
    """The questions that need no lock, asked on a cursor of a transaction."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    @property
    def cursor(self) -> Any:
        """The cursor of the transaction, for questions that are not asked here."""
        return self._cursor

    def _all(self, statement: str, *values: object) -> list[Any]:
        cursor = self.cursor
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
        return rows

    def scan(self, statement: str, *values: object) -> Iterator[Any]:
        """Rows as plain tuples, one by one on a cursor of their own: whole tables are read so."""
        cursor = self.cursor.connection.cursor()
        cursor.row_factory = None
        rows: Iterator[Any] = cursor.execute(statement, values)
        return rows

    def stream(self, stream: str) -> list[Told]:
        """The history of a stream, oldest first."""
        rows = self._all(
            "SELECT position, t.topic, state FROM events e LEFT JOIN topics t ON t.id = e.topic "
            f"WHERE originator_id = {NUMBER} ORDER BY originator_version",
            stream,
        )
        return [Told(row[0], codec.decode(row[1], row[2])) for row in rows]

    def rows_of(self, streams: Sequence[str]) -> list[Any]:
        """Every row of TOLD of some streams, in the order of the log."""
        found: list[Any] = []
        for at in range(0, len(streams), 500):
            part = streams[at : at + 500]
            marks = ",".join("?" * len(part))
            numbers = f"SELECT id FROM streams WHERE stream IN ({marks})"
            of_part = f"SELECT position FROM events WHERE originator_id IN ({numbers})"
            found += self.scan(f"{TOLD} WHERE seq IN ({of_part})", *part)
        return sorted(found, key=itemgetter(0))

    def told_of(self, streams: Streams, upto: int) -> list[Any]:
        """Every row of TOLD of some streams up to a place in the log, in its order."""
        within = "BETWEEN ? AND ?"
        if streams.without:
            within += f" AND originator_id NOT IN ({','.join('?' * len(streams.without))})"
        found = self._told_of(within, upto, streams.first, streams.last, *streams.without)
        more = sorted(streams.beside)
        for at in range(0, len(more), 500):
            part = more[at : at + 500]
            found += self._told_of(f"IN ({','.join('?' * len(part))})", upto, *part)
        return sorted(found, key=itemgetter(0))

    def _told_of(self, condition: str, upto: int, *numbers: int) -> list[Any]:
        seqs = f"SELECT position FROM events WHERE originator_id {condition}"
        return list(self.scan(f"{TOLD} WHERE seq IN ({seqs}) AND seq <= ?", *numbers, upto))

    def lengths(self, upto: int) -> Iterator[tuple[int, int]]:
        """Each stream's number and how many events it has up to a place in the log, in order."""
        return self.scan(
            "SELECT originator_id, COUNT(*) FROM events WHERE position <= ? "
            "GROUP BY originator_id ORDER BY originator_id",
            upto,
        )

    def links(self, upto: int) -> Iterator[tuple[int, int]]:
        """The numbers of streams with events of another case than their own, and which that is."""
        return self.scan(
            "SELECT DISTINCT e.originator_id, l.correlation "
            "FROM ledger l JOIN events e ON e.position = l.seq "
            "WHERE l.seq <= ? AND l.correlation <> e.originator_id",
            upto,
        )

    def reply_of(self, command_id: bytes) -> tuple[bytes, bytes] | None:
        """The digest and reply that a command id is bound to, for ever."""
        rows = self._all(
            "SELECT c.command_digest, r.body FROM commands c JOIN replies r ON r.command = c.id "
            "WHERE c.command_id = ?",
            command_id,
        )
        return (bytes(rows[0][0]), bytes(rows[0][1])) if rows else None

    def units(self) -> Mapping[str, UnitEntry]:
        """Every unit in the register, by code."""
        rows = self._all("SELECT code, body FROM units ORDER BY code")
        return {row[0]: codec.read(_entries, row[1]) for row in rows}

    def adopted(self, kind: str) -> tuple[str, bytes] | None:
        """The playbook, calendar or town in force: its digest (or code) and its JSON."""
        rows = self._all("SELECT digest, body FROM adopted WHERE kind = ?", kind)
        return (str(rows[0][0]), bytes(rows[0][1])) if rows else None

    def named(self, kind: str, text: str) -> list[Named]:
        """What a person means by a full name or by a number at its end."""
        if text.isdecimal():
            rows = self._all(
                f"{_NAMED} WHERE kind = ? AND number = ? ORDER BY name", kind, int(text)
            )
        else:
            rows = self._all(f"{_NAMED} WHERE kind = ? AND name = ?", kind, text)
        return [Named(*row) for row in rows]

    def of_stream(self, stream: str) -> Named | None:
        """The register line of a stream."""
        rows = self._all(f"{_NAMED} WHERE stream = ?", stream)
        return Named(*rows[0]) if rows else None

    def of_case(self, correlation: str) -> list[Named]:
        """Everything that belongs to an incident, itself first."""
        rows = self._all(
            f"{_NAMED} WHERE correlation_id = ? ORDER BY kind, number NULLS FIRST, stream",
            correlation,
        )
        return [Named(*row) for row in rows]

    def calls(self, unit: str, stages: Sequence[str]) -> list[Named]:
        """The whistles in which a unit's call is at one of these stages."""
        marks = ",".join("?" * len(stages))
        rows = self._all(
            f"{_NAMED} JOIN calls USING (stream) "
            f"WHERE calls.unit = ? AND calls.stage IN ({marks}) "
            "ORDER BY number NULLS FIRST, stream",
            unit,
            *stages,
        )
        return [Named(*row) for row in rows]

    def called(self, stream: str) -> dict[str, str]:
        """The units that a whistle calls, each with its call's stage."""
        return dict(
            self._all("SELECT unit, stage FROM calls WHERE stream = ? ORDER BY unit", stream)
        )

    def waiting(self, kind: str, stages: Sequence[str]) -> list[Named]:
        """Everything of a kind that is at one of these stages."""
        marks = ",".join("?" * len(stages))
        rows = self._all(
            f"{_NAMED} WHERE kind = ? AND stage IN ({marks}) ORDER BY number NULLS FIRST, stream",
            kind,
            *stages,
        )
        return [Named(*row) for row in rows]

    def subjects(self, streams: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Item code and place that each stream is about; an amended whistle has its own place."""
        found: dict[str, tuple[str, str]] = {}
        for at in range(0, len(streams), 500):
            part = streams[at : at + 500]
            marks = ",".join("?" * len(part))
            rows = self._all(
                "SELECT n.stream, i.item, coalesce(n.place, i.place) FROM names n JOIN names i "
                f"ON i.stream = coalesce(n.correlation_id, n.stream) WHERE n.stream IN ({marks})",
                *part,
            )
            found.update({row[0]: (row[1] or "", row[2] or "") for row in rows})
        return found

    def at_site(self, site: str) -> list[Sited]:
        """What happened at a site, the newest first."""
        return sites.at_site(self.cursor, site)

    def open_since(self, item: str, since: Instant) -> list[Sited]:
        """The open incidents of an item that were reported since an instant, the newest first."""
        return sites.open_since(self.cursor, item, since)

    def due_before(self, at: Instant, limit: int) -> list[str]:
        """Streams whose clocks have something to say, the most overdue first."""
        rows = self._all(
            "SELECT stream FROM names WHERE due < ? "
            "ORDER BY due, kind, number NULLS FIRST, stream LIMIT ?",
            at,
            limit,
        )
        return [row[0] for row in rows]

    def before(self, stream: str, seq: int) -> tuple[int, int]:
        """How many events of a stream stand before a place in the log, and their last version."""
        rows = self._all(
            "SELECT COUNT(*), COALESCE(MAX(originator_version), 0) FROM events "
            "WHERE originator_id IN (SELECT id FROM streams WHERE stream = ?) AND position < ?",
            stream,
            seq,
        )
        return rows[0][0], rows[0][1]

    def stream_of(self, seq: int) -> str | None:
        """The stream an event belongs to."""
        rows = self._all("SELECT stream FROM record WHERE seq = ?", seq)
        return rows[0][0] if rows else None

    def topics(self, seqs: Sequence[int]) -> list[str]:
        """The topics of events, in their order; Broken when one of them is not on record."""
        told: dict[int, str] = {}
        for at in range(0, len(seqs), 500):
            part = seqs[at : at + 500]
            marks = ",".join("?" * len(part))
            rows = self._all(f"SELECT seq, topic FROM record WHERE seq IN ({marks})", *part)
            told.update(dict(rows))
        if len(told) != len(seqs):
            raise Broken(_("A reply names events that are not on record."), hint=RESTORE)
        return [told[seq] for seq in seqs]

    def beside(self, seq: int) -> list[OnRecord]:
        """The command that recorded an event, and all that came after in the streams it reached.

        Incidents, whistles, teams and patrols. A command's events stand together in the log.
        """
        rows = self._all(
            "SELECT seq, stream, version, topic, state, received_at, command_id, actor_unit, "
            "actor_person, behalf_unit FROM record WHERE seq IN (SELECT position FROM events "
            "WHERE originator_id IN "
            "(SELECT originator_id FROM events WHERE position BETWEEN ? AND ?) "
            "AND position >= ?) AND stream IN (SELECT stream FROM names "
            "WHERE kind IN ('incident', 'whistle', 'team', 'patrol')) ORDER BY seq",
            *(first_and_last := self._command(seq)),
            first_and_last[0],
        )
        return [
            OnRecord(
                seq=row[0],
                stream=row[1],
                version=row[2],
                event=codec.decode(row[3], row[4]),
                received_at=row[5],
                command=bytes(row[6]),
                unit=row[7] or "",
                person=row[8] or "",
                behalf=row[9] or "",
            )
            for row in rows
        ]

    def _command(self, seq: int) -> tuple[int, int]:
        """The first and last event of the command that recorded an event."""
        other = "command <> (SELECT command FROM ledger WHERE seq = ?)"
        before = self._all(
            f"SELECT seq FROM ledger WHERE seq < ? AND {other} ORDER BY seq DESC LIMIT 1", seq, seq
        )
        after = self._all(
            f"SELECT seq FROM ledger WHERE seq > ? AND {other} ORDER BY seq LIMIT 1", seq, seq
        )
        first = before[0][0] + 1 if before else 1
        return first, after[0][0] - 1 if after else 2**63 - 1

    def last_by(self, unit: str, person: str) -> int | None:
        """The last event that a person of a unit recorded, other than taking an act back."""
        rows = self._all(
            "SELECT seq FROM record WHERE actor_unit = ? AND COALESCE(actor_person, '') = ? "
            "AND topic <> 'record.taken_back/1' ORDER BY seq DESC LIMIT 1",
            unit,
            person,
        )
        return rows[0][0] if rows else None

    def attempts(self) -> list[Attempt]:
        """Every refused order that was put on record, oldest first."""
        rows = self._all(
            "SELECT received_at, verb, name, actor_unit, actor_person, behalf_unit, rule, because "
            "FROM attempts ORDER BY id"
        )
        return [Attempt(*row) for row in rows]

    def identity(self) -> rows.Identity:
        """Which store this is now: another program may have upgraded it, or put it back."""
        (store,) = self._all(epochs.STORE)
        return epochs.identity_of(store, self._all(epochs.EPOCHS, STREAM))
