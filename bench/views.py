"""How fast each view folds a log, and how long a batch holds the views' lock.

    .venv/bin/python bench/views.py [EVENTS]

Imported facts, five to an assignment, beside a few hundred live whistles. Rates are of this
machine; the ratios between the views carry over. It asserts nothing.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

from projections import open_views, views_path
from whistle import clock
from whistle.domain.history import HistoryRecorded, Kind, digest
from whistle.domain.moment import MINUTE, Instant
from whistle.domain.surroundings import Actor
from whistle.log.port import Draft, Stamp
from whistle.log.sqlite import SQLiteLog, create

BEGINS: Instant = 1_700_000_000_000_000
KINDS: tuple[Kind, ...] = ("whistled", "acknowledged", "arrived", "finished")
UNITS_PER_INCIDENT = 3
BATCH = 5_000


def history() -> Iterator[HistoryRecorded]:
    """Incidents without end, each reported once and then answered by its units."""
    for nr in count():
        at, name = BEGINS + nr * MINUTE, f"{nr:08d}"
        yield line(name, None, "reported", at)
        for unit in range(UNITS_PER_INCIDENT):
            for step, kind in enumerate(KINDS):
                yield line(name, f"E{(nr + unit) % 60:02d}", kind, at + step * MINUTE)


def line(incident: str, unit: str | None, kind: Kind, at: Instant) -> HistoryRecorded:
    """One imported fact."""
    return HistoryRecorded(
        at=at,
        kind=kind,
        incident=incident,
        unit=unit,
        source="bench",
        source_event_id=f"{incident}-{unit}/{kind}",
        attributes={"district": "05"},
    )


class Filling:
    """A log that imported facts are put into, each incident in a stream of its own."""

    def __init__(self, log: SQLiteLog) -> None:
        self.log = log
        self.events = 0
        self._told = history()
        self._versions = dict[str, int]()

    def upto(self, events: int) -> None:
        """Go on until so many are there."""
        while self.events < events:
            some = list(islice(self._told, min(BATCH, events - self.events)))
            self._record(some)
            self.events += len(some)

    def _record(self, lines: list[HistoryRecorded]) -> None:
        drafts = []
        for event in lines:
            version = self._versions[event.incident] = self._versions.get(event.incident, 0) + 1
            drafts.append(Draft(f"bench/{event.incident}", version, event))
        key = self.events.to_bytes(16, "big")
        stamp = Stamp(BEGINS, key, key * 2, Actor())
        with self.log.writing() as txn:
            txn.append(drafts, stamp)
            txn.keep_sources([(each.source, each.source_event_id, digest(each)) for each in lines])
            txn.keep_reply(stamp, b'{"recorded":%d}' % len(lines))


def main() -> None:
    """Fill a store, rebuild every view, and print the rates."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder, "town.db")
        create(store)
        log = SQLiteLog(store, clock.now)
        Filling(log).upto(events)
        with open_views(log, views_path(store)) as views:
            print(f"{'view':12} {'events/s':>10} {'rows':>9} {'seconds':>8}")
            begun = time.process_time()
            for each in views.rebuild():
                rate = each.events / each.seconds
                print(f"{each.name:12} {rate:10,.0f} {each.rows:9,} {each.seconds:8.2f}")
            took_s = time.process_time() - begun
        print(f"all together: {events / took_s:,.0f} events a second of processor time")
        log.close()


if __name__ == "__main__":
    main()
