"""Which part of the record was proved for an answer, as facts and for people."""

import msgspec

from projections.desk.words import say
from whistle.domain.measures import Shape
from whistle.domain.refusal import _
from whistle.engine.assessing import Gathered, Verified
from whistle.engine.towns import GatheredTowns


def facts(found: Gathered | GatheredTowns) -> Shape:
    """The range that was proved; of several towns the position in each record."""
    if isinstance(found, GatheredTowns):
        return {"positions": msgspec.to_builtins(found.positions)}
    return {"verified": msgspec.to_builtins(found.verified)}


def lines(found: Gathered | GatheredTowns) -> list[str]:
    """The same for people."""
    if isinstance(found, Gathered):
        return [line(found.verified)]
    text = _("proved: {town}, store {store}, epoch {epoch}: events 1 to {last}, root {root}")
    return [
        say(
            text,
            town=each.town,
            store=each.store_id,
            epoch=each.epoch,
            last=each.size,
            root=each.root[:16],
        )
        for each in found.positions
    ]


def line(verified: Verified) -> str:
    """The range of one record."""
    text = _("proved: events {first} to {last}, root {root}")
    return say(text, first=verified.first, last=verified.last, root=verified.root[:16])
