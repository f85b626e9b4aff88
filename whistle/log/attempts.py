"""Orders that the rules refused, as they are put on record: "we did try" can be proved."""

from whistle.log.port import Stamp

INSERT_ATTEMPT = (
    "INSERT INTO attempts (received_at, command_id, command_digest, verb, name, "
    "actor_unit, actor_person, behalf_unit, rule, because) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def attempt_values(
    stamp: Stamp, verb: str, name: str, rule: str, because: str
) -> tuple[object, ...]:
    """The values of INSERT_ATTEMPT."""
    actor = stamp.actor
    return (
        stamp.received_at,
        stamp.command_id,
        stamp.command_digest,
        verb,
        *map(_without_nul, (name, actor.unit, actor.person, actor.behalf)),
        rule,
        _without_nul(because),
    )


def _without_nul(text: str) -> str:
    """A text for a TEXT column: the attempt is kept though a sign of it cannot be."""
    return text.replace("\0", "\ufffd")
