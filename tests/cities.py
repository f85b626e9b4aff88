"""The public logs of cities in `tests/data`, read as tables by the maps shipped for them."""

import gzip
import json
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from whistle import clock
from whistle.domain.history import HistoryRecorded
from whistle.domain.ledger import Assignment, Ledger, fact
from whistle.table_history import Reading, TableHistory
from whistle.table_map import read_map, shipped

RELABELLED = "+08:00"  # as the answers of others stamp a source's wall clock


class City(NamedTuple):
    """A log as its rows tell it, without a store."""

    ledger: Ledger
    attributes: dict[str, dict[str, str]]  # of each assignment, by its label

    def attribute(self, row: Assignment, name: str) -> str | None:
        """The value of an attribute of a row."""
        return self.attributes[row.label].get(name)


@lru_cache
def told_by(map_name: str, table: Path, zone: str = RELABELLED) -> City:
    """What a table tells by a shipped map; none of its rows may have a fault."""
    found = read_map(shipped(map_name))._replace(zone=zone)
    ledger, attributes = Ledger(), {}
    for _row, event in TableHistory(table, found, map_name, clock.now()).told(Reading()):
        assert isinstance(event, HistoryRecorded)
        known = fact(event)
        assert known is not None
        ledger.tell(known, event.source_event_id)
        if event.kind == "whistled":
            attributes[event.source_event_id.removesuffix("/whistled")] = event.attributes
    return City(ledger, attributes)


def answers(folder: Path, name: str) -> Any:
    """What others computed, kept as JSON or, if it is long, as gzip of it."""
    path = folder / f"{name}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    return json.loads(gzip.decompress(path.with_suffix(".json.gz").read_bytes()))
