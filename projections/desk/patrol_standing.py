"""`whistle patrol show` and `whistle show P-…`: a patrol as it stands, folded from the log."""

import msgspec

from projections.desk import times
from projections.desk.answer import Answer
from projections.desk.desk import Desk
from projections.desk.reading import timed
from projections.desk.words import say
from whistle.domain.correction import state_after
from whistle.domain.patrol import PATROL
from whistle.domain.patrol.events import Stop, Walker
from whistle.domain.patrol.state import Patrol
from whistle.domain.refusal import _
from whistle.log.port import Named


def standing_patrol(desk: Desk, found: Named) -> Answer:
    """The patrol: slot, walkers, every stop, every finding, and what comes next."""
    with desk.reading() as reader:
        history = reader.stream(found.stream)
    state = state_after(history, PATROL.start, PATROL.evolve)
    facts = {
        "name": found.name,
        "kind": found.kind,
        "stream": found.stream,
        "version": len(history),
        "stage": found.stage,
        "state": timed(msgspec.to_builtins(state)),
        "stops": len(state.route),
        "checked": state.checked,
        "coverage": None if state.coverage is None else round(float(state.coverage), 6),
        "absent": [walker.label for walker in state.absent],
    }
    lines = [
        say(
            _("{name}: {stage}, version {version}"),
            name=found.name,
            stage=found.stage,
            version=len(history),
        ),
        *_head(desk, state),
        *_walkers(desk, state),
        *(_stop(desk, state, nr, stop) for nr, stop in enumerate(state.route, start=1)),
        *(_stop(desk, state, None, stop) for stop in state.passed),
        *_findings(desk, state),
    ]
    for duty in PATROL.duties(state):
        unit = desk.unit_name(duty.unit)
        text = _("  next {unit}: whistle {verb} {name}")
        lines.append(say(text, unit=unit, verb=duty.verb, name=duty.name))
    return Answer(data=facts, lines=lines, ids=[found.name or ""])


def _head(desk: Desk, patrol: Patrol) -> list[str]:
    lines = []
    if patrol.begins is not None and patrol.ends is not None:
        begins, ends = times.shown(patrol.begins, desk.zone), times.shown(patrol.ends, desk.zone)
        lines.append(say(_("  planned from {begins} to {ends}"), begins=begins, ends=ends))
    else:
        lines.append(say(_("  without a plan")))
    if patrol.reason:
        lines.append(f"  {patrol.reason}")
    if patrol.called_off is not None:
        off = times.shown(patrol.called_off, desk.zone, desk.received_at)
        lines.append(say(_("  called off {off}: {why}"), off=off, why=patrol.called_off_why))
    if patrol.missed is not None:
        lines.append(say(_("  missed: nobody had set out when its slot ended")))
    if patrol.started is not None:
        started = times.shown(patrol.started, desk.zone, desk.received_at)
        lines.append(say(_("  set out {started}"), started=started))
    if patrol.finished is not None:
        finished = times.shown(patrol.finished, desk.zone, desk.received_at)
        lines.append(say(_("  finished {finished}"), finished=finished))
    return lines


def _walkers(desk: Desk, patrol: Patrol) -> list[str]:
    lines = []
    if patrol.present:
        lines.append(say(_("  there: {walkers}"), walkers=_named(desk, patrol.present)))
    if patrol.absent:
        text = _("  not there: {walkers}") if patrol.started else _("  to walk: {walkers}")
        lines.append(say(text, walkers=_named(desk, patrol.absent)))
    return lines


def _named(desk: Desk, walkers: tuple[Walker, ...]) -> str:
    return " · ".join(
        f"{desk.unit_name(walker.unit)}{'/' if walker.person else ''}{walker.person}"
        for walker in walkers
    )


def _stop(desk: Desk, patrol: Patrol, nr: int | None, stop: Stop) -> str:
    """One stop: when it was due, when it was seen, and what was wrong with that."""
    told = []
    if stop.expected is not None:
        due = times.shown(stop.expected, desk.zone, desk.received_at)
        told.append(say(_("expected {due}"), due=due))
    if visit := patrol.visits.get(stop.name):
        told.append(times.shown(visit.at, desk.zone, desk.received_at))
        if stop.latest is not None:
            told.append(say(_("late")) if visit.late else say(_("in time")))
        if visit.out_of_order:
            told.append(say(_("out of order")))
    elif stop.name in patrol.skipped:
        told.append(say(_("left out: {why}"), why=patrol.skipped[stop.name]))
    else:
        told.append(say(_("open")))
    place = f"{stop.name} ({stop.grid})" if stop.grid else stop.name
    return f"  {'+' if nr is None else nr} {place}: {', '.join(told)}"


def _findings(desk: Desk, patrol: Patrol) -> list[str]:
    return [
        say(
            _("  found {found_name}: {item} · {place}, {at}"),
            found_name=finding.incident_name or "-",
            item=desk.item_name(finding.item),
            place=finding.place,
            at=times.shown(finding.at, desk.zone, desk.received_at),
        )
        for finding in patrol.findings
    ]
