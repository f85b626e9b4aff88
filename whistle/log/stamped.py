"""What the events of an order share, as its leaves and the store have it."""

from whistle.domain.moment import Instant
from whistle.domain.surroundings import Actor
from whistle.log.leaf import uuid_of
from whistle.log.port import Stamp

Who = tuple[str | None, str | None, str | None, str | None]
Shared = tuple[
    Instant, Instant | None, str | None, str, str, str | None, str | None, str | None, str | None
]


def shared(stamp: Stamp) -> Shared:
    """What the leaves of one order share, from `received_at` to `behalf_unit`."""
    return (
        stamp.received_at,
        stamp.happened_at,
        stamp.happened_why or None,
        uuid_of(stamp.command_id),
        stamp.command_digest.hex(),
        *_who(stamp.actor),
    )


def command_row(number: int, stamp: Stamp) -> tuple[object, ...]:
    """The same as a row of `commands`."""
    return (
        number,
        stamp.command_id,
        stamp.command_digest,
        stamp.received_at,
        stamp.happened_at,
        stamp.happened_why or None,
        *_who(stamp.actor),
    )


def _who(actor: Actor) -> Who:
    return actor.unit or None, actor.person or None, actor.role or None, actor.behalf or None


def listed(unit: str) -> str:
    """A unit's code as it stands in a ;-joined list; an imported unit may be any text."""
    return unit.replace("%", "%25").replace(";", "%3B") if "%" in unit or ";" in unit else unit
