"""A team sent out: dispatched to a whistle, called back by its end, stood down, marked.

state       order              what follows
formed      dispatch           out; people on call whom the whistle does not call stand by
out         note whistle over  the dispatch is over (a policy orders this)
formed      stand down         over for good
out         stand down         the same, with the reason on record: the whistle has open calls
any         evaluate           the town's mark for a dispatch that is over
"""

from typing import ClassVar

from whistle.domain import mark
from whistle.domain.message import Event, Needs, Order
from whistle.domain.refusal import NotFound, Refused, _
from whistle.domain.surroundings import Surroundings, WhistleBrief
from whistle.domain.team.events import DispatchEnded, StoodDown, TeamDispatched, TeamEvaluated
from whistle.domain.team.guards import by_town, no_team, standing
from whistle.domain.team.state import Formed, TeamState


class SendingOrder(Order, frozen=True):
    """An order about where a team goes."""

    decided_by: ClassVar[str] = "team"


class DispatchTeam(SendingOrder, frozen=True):
    """Send the team to the scene of a whistle."""

    whistle: str  # its stream
    note: str = ""

    def needs(self) -> Needs:
        """The whistle it is sent to."""
        return Needs(whistle=self.whistle)


class NoteWhistleOver(SendingOrder, frozen=True):
    """Take note that the whistle it was sent to has ended."""

    whistle: str


class StandDown(SendingOrder, frozen=True):
    """Let everybody go, for good."""

    reason: str = ""


class EvaluateTeam(SendingOrder, frozen=True):
    """Give the team the town's mark for one of its dispatches."""

    nr: int
    score: int
    note: str = ""


def decide(state: TeamState, order: SendingOrder, around: Surroundings) -> list[Event]:
    """What follows from an order about where a team goes."""
    if not isinstance(state, Formed):
        raise no_team()
    match order:
        case NoteWhistleOver(whistle=whistle):
            out = state.out
            if out is None or out.whistle != whistle:
                return []  # it was stood down before, or works elsewhere by now
            return [DispatchEnded(at=around.at, nr=out.nr, units=tuple(state.squads))]
        case DispatchTeam():
            by_town(around)
            standing(state)
            return [_dispatched(state, order, around)]
        case StandDown(reason=reason):
            by_town(around)
            standing(state)
            return [_stood_down(state, reason, around)]
        case EvaluateTeam():
            by_town(around)
            return [_evaluated(state, order, around)]
        case _:
            raise Refused(_("A team does not know this order."), rule="team.order")


def _dispatched(team: Formed, order: DispatchTeam, around: Surroundings) -> Event:
    whistle = _sounding(team, around)
    by = tuple(
        unit
        for unit, squad in team.squads.items()
        if squad.contingent.mode == "on_call" and unit not in whistle.called
    )
    going = tuple(unit for unit in team.squads if unit not in by)
    if not going:
        raise Refused(
            _("Everybody in {name} is on call, and {whistle} calls none of them."),
            rule="team.nobody_goes",
            hint=_("call them by a whistle: whistle blow {incident} --lead UNIT"),
            name=team.name,
            whistle=whistle.name,
            incident=whistle.incident_name,
        )
    return TeamDispatched(
        at=around.at,
        nr=len(team.dispatches) + 1,
        whistle=whistle.stream,
        whistle_name=whistle.name,
        incident=whistle.incident,
        incident_name=whistle.incident_name,
        units=going,
        standing_by=by,
        note=order.note,
    )


def _sounding(team: Formed, around: Surroundings) -> WhistleBrief:
    """The whistle to go to; refused while the team is elsewhere, or when the whistle is over."""
    whistle = around.whistle
    if whistle is None:
        raise NotFound(_("There is no such whistle."), hint="whistle status")
    if team.out is not None:
        raise Refused(
            _("{name} is at {whistle}, and a team is at one place at a time."),
            rule="team.out",
            hint=_(
                "end that whistle first, or stand the team down: whistle team stand-down {name}"
            ),
            name=team.name,
            whistle=team.out.whistle_name,
        )
    if whistle.stage != "sounding":
        raise Refused(
            _("{whistle} is {stage}; a team is sent to a whistle that sounds."),
            rule="team.whistle_over",
            hint="whistle status",
            whistle=whistle.name,
            stage=whistle.stage,
        )
    return whistle


def _stood_down(team: Formed, reason: str, around: Surroundings) -> Event:
    if team.out is not None and not reason.strip():
        raise Refused(
            _("{whistle} has open calls, and nobody goes before it is done (事不完人不撤)."),
            rule="team.work_open",
            hint=_("wait for its end, or say why the team goes now with -m"),
            whistle=team.out.whistle_name,
        )
    nr = team.out.nr if team.out is not None else 0
    return StoodDown(at=around.at, units=tuple(team.squads), nr=nr, reason=reason)


def _evaluated(team: Formed, order: EvaluateTeam, around: Surroundings) -> Event:
    found = next((each for each in team.dispatches if each.nr == order.nr), None)
    if found is None:
        raise NotFound(
            _("{name} has no dispatch {nr}."),
            hint="whistle team show {name}",
            name=team.name,
            nr=order.nr,
        )
    if found.ended is None:
        raise Refused(
            _("{name} is still at {whistle}; it gets its mark afterwards."),
            rule="team.out",
            name=team.name,
            whistle=found.whistle_name,
        )
    if found.score is not None:
        raise Refused(
            _("{name} has its mark already; a mark is changed by a correction."),
            rule="rate.once",
            hint=_("whistle correct SEQ --set score=MARK --why WHY"),
            name=f"{team.name}/{found.nr}",
        )
    mark.check(order.score, around.playbook)
    return TeamEvaluated(
        at=around.at, units=found.units, nr=found.nr, score=order.score, note=order.note
    )
