"""One problem told twice: one telling is merged into the other (合并), both stay on record.

state                            order     what follows
reported | accepted | in hand    merge     closed as merged, unless a whistle sounds or waits;
                                           its source tickets go on in the other incident
known, not closed                take in   the tickets are its own now (a policy orders this)

The limits of a whistle run once, on the incident that goes on; every reporter is called back there.
"""

from typing import ClassVar

from whistle.domain.incident.events import IncidentMerged, MergedIn, Source
from whistle.domain.incident.intake import by_town, not_now
from whistle.domain.incident.state import IncidentState, Known
from whistle.domain.message import Event, Needs, Order
from whistle.domain.refusal import NotFound, Refused, _
from whistle.domain.surroundings import IncidentBrief, Surroundings


class MergingOrder(Order, frozen=True):
    """An order about two incidents that are one."""

    decided_by: ClassVar[str] = "incident"


class MergeIncident(MergingOrder, frozen=True):
    """Close an incident as the duplicate of another, which goes on."""

    duplicate: str  # its own stream
    into: str  # the stream of the other
    note: str = ""

    def needs(self) -> Needs:
        """The incident that goes on, and this one."""
        return Needs(incident=self.into, duplicate=self.duplicate)


class TakeIn(MergingOrder, frozen=True):
    """Take over the source tickets of an incident that was merged into this one."""

    duplicate: str
    sources: tuple[Source, ...]


def decide(state: IncidentState, order: MergingOrder, around: Surroundings) -> list[Event]:
    """What follows from an order to merge."""
    match state, order:
        case Known(stage="reported" | "accepted" | "in_hand"), MergeIncident(note=note):
            by_town(around)
            into = _survivor(state, order, around)
            _silent(state, into, around)
            return [IncidentMerged(at=around.at, into=into.stream, into_name=into.name, note=note)]
        case Known(merged_into=""), TakeIn(duplicate=duplicate, sources=sources):
            return [MergedIn(at=around.at, duplicate=duplicate, sources=sources)]
        case _:
            raise not_now(state)


def _survivor(known: Known, order: MergeIncident, around: Surroundings) -> IncidentBrief:
    into = around.incident
    if into is None:
        raise NotFound(_("There is no such incident."), hint="whistle incident list")
    if order.into == order.duplicate:
        raise Refused(
            _("{name} cannot be merged into itself."),
            rule="merge.itself",
            hint=_("name the duplicate first, then the one that goes on"),
            name=known.name,
        )
    if into.stage == "closed":
        raise Refused(
            _("{into} is closed; a duplicate is merged into an incident that is open."),
            rule="merge.closed",
            hint=_("take it up again: whistle reopen {into} -m WHY"),
            into=into.name,
        )
    return into


def _silent(known: Known, into: IncidentBrief, around: Surroundings) -> None:
    """Units that were called answer under the name they were called for: that incident goes on."""
    words = {"name": known.name, "into": into.name}
    other_way = _("merge the other way: whistle incident merge {into} {name}")
    if known.sounding and into.sounding:
        text = _("Whistles sound for {name} and for {into}: neither can be merged away.")
        raise Refused(text, rule="merge.both_sound", hint="whistle show {name}", **words)
    if known.sounding:
        text = _("A whistle sounds for {name}: units are on their way under that name.")
        raise Refused(text, rule="merge.sounding", hint=other_way, **words)
    duplicate = around.duplicate
    if duplicate is not None and duplicate.whistle_waits:
        text = _("A whistle for {name} waits for approval.")
        no = _("turn it down first: whistle approve {name} --no -m WHY")
        raise Refused(text, rule="merge.waits", hint=no, **words)
