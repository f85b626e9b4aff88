"""One write in progress: leaves, numbers, the register tables and the reply, all or nothing."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from whistle import codec
from whistle.domain.clock_anomaly import STREAM as CLOCK
from whistle.domain.clock_anomaly import ClockAnomaly
from whistle.domain.moment import DAY, Instant
from whistle.domain.refusal import Conflict, _
from whistle.domain.register import Entry
from whistle.domain.restored import STREAM as EPOCHS
from whistle.domain.restored import StoreRestored
from whistle.domain.suspect import CAUGHT_UP
from whistle.log import in_force
from whistle.log.attempts import INSERT_ATTEMPT, attempt_values
from whistle.log.grown import GROWN, GROWN_MAX, Grown, Head, grown
from whistle.log.head import head
from whistle.log.leaf import Sealed
from whistle.log.numbers import Numbers
from whistle.log.opening import check_not_newer
from whistle.log.pending import Inserting, Pending, count_units
from whistle.log.port import Draft, Stamp
from whistle.log.reader import SQLReader
from whistle.log.rows import Identity
from whistle.log.schema import NUMBER
from whistle.log.stamped import Shared, command_row, listed, shared

BACK_TOLERATED: Instant = CAUGHT_UP
LEAP_TOLERATED: Instant = 30 * DAY

HEAD = f"""
SELECT size, frontier, last_recorded_at, clock_behind, (SELECT schema_version FROM store),
  (SELECT COUNT(*) FROM events WHERE originator_id = {NUMBER}),
  (SELECT COALESCE(MAX(id), 0) FROM commands) FROM ledger_head
"""
"""How the log stands as a write begins; its value is the stream of the epochs."""


class SQLTxn(SQLReader):
    """Everything a write may do, on the cursor that holds the lock."""

    def __init__(
        self,
        cursor: Any,
        recorder: Inserting,
        identity: Identity,
        clock: Callable[[], Instant],
        numbers: Numbers,
        rows: Sequence[Sequence[Any]],
    ) -> None:
        """`rows` are what HEAD told."""
        super().__init__(cursor)
        self._recorder = recorder
        self._identity = identity
        self._clock = clock
        self._new = set[bytes]()
        self._since: tuple[int | None, Sequence[Sequence[Any]]] = None, ()
        self._tree = head(rows)
        self._last_at, self._behind, schema_version, restored, self._last_command = rows[0][2:]
        self._unit_seqs: dict[str, int] = {}
        self._numbers = numbers
        self._pending = Pending(numbers)
        self._commands: dict[bytes, int] = {}
        self._stamp: Stamp | None = None
        self._shared: Shared
        if (schema_version, restored) != (identity.schema_version, len(identity.begun) - 1):
            check_not_newer(schema_version)  # upgraded, or declared restored, since it was opened
            self._identity = self.identity()

    def told(
        self, new: Collection[bytes], size: int | None, since: Sequence[Sequence[Any]]
    ) -> None:
        """What was asked along with the lock: commands that are on no record, rows of GROWN."""
        self._new.update(new)
        self._since = size, since

    @property
    def cursor(self) -> Any:
        """The cursor; what it reads is the store with all that this write has said so far."""
        self.put_down()
        return self._cursor

    @property
    def head(self) -> Head:
        """Size and frontier of the tree: two stores, or moments of one, that agree here are one."""
        self.put_down()
        return self._tree.size, self._tree.hashes

    def grown(self, before: Head) -> list[Grown] | None:
        """What was recorded since the log stood at a head; None when that cannot be told."""
        size = before[0]
        if not 0 < self.head[0] - size <= GROWN_MAX:
            return None
        known, rows = self._since
        if known != size:
            self._since = size, (rows := self._all(GROWN, size))
        return grown(before, self._tree, rows)

    def put_down(self) -> None:
        """Put what is pending into the store; if that fails, everything is rolled back."""
        if not self._pending:
            return
        if self._pending.sealed:
            count_units(self._cursor, self._unit_seqs)
        last = (self._last_at, int(self._behind))
        self._pending.put_down(self._cursor, self._recorder, self._tree, last)

    def reply_of(self, command_id: bytes) -> tuple[bytes, bytes] | None:
        """The digest and reply that a command id is bound to, for ever."""
        if command_id in self._new and command_id not in self._commands:
            return None
        return super().reply_of(command_id)

    def next_number(self, series: str) -> int:
        """The number that the next thing of a series will get."""
        rows = self._all("SELECT last FROM series WHERE series = ?", series)
        return int(rows[0][0]) + 1 if rows else 1

    def take_number(self, series: str, number: int) -> None:
        """Use a number up: it is never given again."""
        self._cursor.execute(
            "INSERT INTO series VALUES (?, ?) "
            "ON CONFLICT (series) DO UPDATE SET last = excluded.last",
            (series, number),
        )

    def append(self, drafts: Sequence[Draft], stamp: Stamp) -> list[int]:
        """Record events with their leaves; the numbers they got, in order and without a gap."""
        now = self._clock()
        asked = len(drafts)
        drafts = [*self._anomaly(now), *drafts]
        states = [codec.encode(draft.event) for draft in drafts]  # may refuse, so it comes first
        first = self._tree.size + len(self._pending.sealed) + 1
        command = self._entered(stamp)
        if stamp is not self._stamp:  # an order appends several times under one stamp
            self._stamp, self._shared = stamp, shared(stamp)
        for seq, (draft, state) in enumerate(zip(drafts, states, strict=True), start=first):
            self._pending.seal(self._sealed(seq, draft, state, now), command)
            in_force.adopt(self._cursor, draft.event)
        return list(range(first, first + len(drafts)))[-asked:] if asked else []

    def enter(self, entry: Entry, before: Entry | None = None) -> None:
        """Keep an aggregate's line of the register in step with its state.

        `before` is the line as it stands in the store, where the caller knows it.
        """
        self._pending.enter(entry, before)

    def open_epoch(self, event: StoreRestored, stamp: Stamp) -> int:
        """Record that the store was put back: with this event the next epoch begins; its seq.

        Raises Conflict when the record is not the one that the event tells of, or when the epoch
        has been used.
        """
        version = 1 + len(self.stream(EPOCHS))
        kept = (self._tree.size, self._tree.root.hex())
        if (event.kept, event.root) != kept or event.epoch <= self._identity.epoch or not kept[0]:
            raise Conflict(_("The record went on meanwhile; look again and say it anew."))
        begun = (*self._identity.begun, (event.kept + 1, event.epoch))
        self._identity = msgspec.structs.replace(self._identity, epoch=event.epoch, begun=begun)
        return self.append([Draft(EPOCHS, version, event)], stamp)[0]

    def keep_reply(self, stamp: Stamp, body: bytes) -> None:
        """Bind the command id to its first reply, for ever."""
        self._pending.reply(self._entered(stamp), body)

    def keep_attempt(self, stamp: Stamp, verb: str, name: str, rule: str, because: str) -> None:
        """Put a refused order on record; it binds nothing."""
        values = attempt_values(stamp, verb, name, rule, because)
        self._cursor.execute(INSERT_ATTEMPT, values)

    @contextmanager
    def part(self) -> Iterator["SQLTxn"]:
        """One act of several in this write: what goes wrong within it undoes it alone."""
        cursor = self.cursor
        cursor.execute("SAVEPOINT part")
        kept = False
        try:
            part = type(self)(
                cursor, self._recorder, self._identity, self._clock, self._numbers, [self._stands()]
            )
            part.told(self._new - self._commands.keys(), *self._since)
            yield part
            part.put_down()
            cursor.execute("RELEASE part")
            self._go_on_from(part)
            kept = True
        finally:
            if not kept:
                cursor.execute("ROLLBACK TO part")
                self._numbers.forget()
                cursor.execute("RELEASE part")

    def _stands(self) -> tuple[object, ...]:
        """How the log stands now, as HEAD would tell it; nothing is pending."""
        identity = self._identity
        restored = len(identity.begun) - 1
        stands = self._tree.size, self._tree.hashes, self._last_at, self._behind
        return *stands, identity.schema_version, restored, self._last_command

    def _go_on_from(self, part: "SQLTxn") -> None:
        self._tree, self._last_at, self._behind = part._tree, part._last_at, part._behind
        self._identity, self._last_command = part._identity, part._last_command
        self._commands.update(part._commands)

    def known_source(self, source: str, event_ids: Sequence[str]) -> dict[str, bytes]:
        """Which of a source's event ids are recorded, each with the digest of its line."""
        known: dict[str, bytes] = {}
        for start in range(0, len(event_ids), 500):
            some = event_ids[start : start + 500]
            marks = ",".join("?" * len(some))
            rows = self._all(
                f"SELECT event_id, digest FROM sources WHERE source = ? AND event_id IN ({marks})",
                source,
                *some,
            )
            known.update((row[0], bytes(row[1])) for row in rows)
        return known

    def keep_sources(self, lines: Sequence[tuple[str, str, bytes]]) -> None:
        """Remember imported lines by source and event id."""
        self._cursor.executemany("INSERT INTO sources VALUES (?, ?, ?)", lines)

    def versions(self, streams: Sequence[str]) -> dict[str, int]:
        """The last version of each stream that has any."""
        known: dict[str, int] = {}
        for start in range(0, len(streams), 500):
            some = streams[start : start + 500]
            marks = ",".join("?" * len(some))
            rows = self._all(
                "SELECT s.stream, MAX(e.originator_version) "
                "FROM streams s JOIN events e ON e.originator_id = s.id "
                f"WHERE s.stream IN ({marks}) GROUP BY s.stream",
                *some,
            )
            known.update((row[0], row[1]) for row in rows)
        return known

    def _entered(self, stamp: Stamp) -> int:
        """The number of the command that an order is; a new one is entered."""
        number = self._commands.get(stamp.command_id)
        if number is None:
            self._last_command += 1
            number = self._commands[stamp.command_id] = self._last_command
            self._pending.command(command_row(number, stamp))
        return number

    def _sealed(self, seq: int, draft: Draft, state: bytes, now: Instant) -> Sealed:
        self._last_at = max(now, self._last_at + 1)
        return Sealed(
            self._identity.store_id,
            self._identity.epoch,
            seq,
            draft.stream,
            draft.version,
            draft.event.topic,
            self._last_at,
            *self._shared,
            draft.correlation,
            draft.causation_seq,
            self._numbered(draft.event.concerns()),
            state,
        )

    def _numbered(self, units: Sequence[str]) -> str | None:
        """Each concerned unit with the next number of its own record."""
        if not units:
            return None
        numbered, counted = [], self._numbers.counted
        for unit in sorted(set(map(listed, units))):
            last = counted.get(unit)
            if last is None:
                last = self._counted(unit)
            self._unit_seqs[unit] = counted[unit] = last + 1
            numbered.append(f"{unit}:{last + 1}")
        return ";".join(numbered)

    def _counted(self, unit: str) -> int:
        """How many events the store has counted to a unit's record."""
        self._cursor.execute("SELECT last FROM unit_series WHERE unit = ?", (unit,))
        row = self._cursor.fetchone()
        return int(row[0]) if row else 0

    def _anomaly(self, now: Instant) -> list[Draft]:
        """A clock that stepped back or leapt is put on record once; nothing is refused for it."""
        back = self._last_at - now
        leapt = self._tree.size > 0 and now - self._last_at > LEAP_TOLERATED
        stepped = back > BACK_TOLERATED and not self._behind
        self._behind = back > BACK_TOLERATED
        if not (leapt or stepped):
            return []
        version = 1 + len(self.stream(CLOCK))
        event = ClockAnomaly(at=now, last_recorded_at=self._last_at)
        self.enter(Entry(stream=CLOCK, kind="clock", stage="doubted"))
        return [Draft(CLOCK, version, event)]
