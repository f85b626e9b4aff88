"""The town, playbook and calendar in force, kept in step with the events that adopt them."""

from typing import Any, Final

import msgspec

from whistle.domain.message import Event
from whistle.domain.rulebook import CalendarAdopted, PlaybookAdopted, TownFounded

_ADOPT: Final = (
    "INSERT INTO adopted VALUES (?, ?, ?) ON CONFLICT (kind) DO UPDATE "
    "SET digest = excluded.digest, body = excluded.body"
)


def adopt(cursor: Any, event: Event) -> None:
    """Keep what an event adopts, if it is one that does."""
    match event:
        case TownFounded():
            kept = "town", event.code, msgspec.json.encode(event)
        case PlaybookAdopted(digest=digest, playbook=playbook):
            kept = "playbook", digest, msgspec.json.encode(playbook)
        case CalendarAdopted(digest=digest, calendar=calendar):
            kept = "calendar", digest, msgspec.json.encode(calendar)
        case _:
            return
    cursor.execute(_ADOPT, kept)
