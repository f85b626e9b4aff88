"""Which store this is and which epochs its record has, from its row and from the events alone."""

from collections.abc import Iterable, Sequence
from typing import Any

from whistle import codec
from whistle.domain.refusal import Broken, _
from whistle.domain.restored import StoreRestored
from whistle.log.faults import RESTORE
from whistle.log.rows import Identity
from whistle.log.schema import NUMBER

STORE = "SELECT store_id, epoch, schema_version FROM store"
EPOCHS = f"""
SELECT t.topic, e.state FROM events e LEFT JOIN topics t ON t.id = e.topic
WHERE e.originator_id = {NUMBER} ORDER BY e.originator_version
"""
"""What the stream `store` says, of which `identity_of` makes the epochs."""


def identity_of(store: Sequence[Any], restored: Iterable[Sequence[Any]]) -> Identity:
    """A store's identity from its row, and from what EPOCHS found.

    Raises Broken when the epochs do not follow one another.
    """
    store_id, first, schema_version = store
    begun = [(1, first)]
    for topic, state in restored:
        event = codec.decode(topic, state)
        if not isinstance(event, StoreRestored):
            continue
        if event.kept < begun[-1][0] or event.epoch <= begun[-1][1]:
            raise Broken(_EPOCHS, rule="store.epochs", hint=RESTORE)
        begun.append((event.kept + 1, event.epoch))
    return Identity(store_id, begun[-1][1], schema_version, tuple(begun))


_EPOCHS = _("The epochs of the record do not follow one another.")
