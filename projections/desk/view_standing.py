"""How far each view is behind its log, what it could not take, and what it leaves out."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from projections.desk import times
from projections.desk.answer import Answer, Diagnostic
from projections.desk.desk import Desk
from projections.desk.tables import table
from projections.desk.words import say
from whistle.domain.moment import Instant, rfc3339
from whistle.domain.refusal import _
from whistle.domain.skipping import STREAM, SkipRuled
from whistle.log.rows import told

if TYPE_CHECKING:
    from projections.catch_up import Status, Views
    from projections.store import Parked


class Skip(msgspec.Struct, frozen=True):
    """That an event was left out of a view or taken in again: by whom, when and why."""

    view: str
    seq: int
    skip: bool
    unit: str | None
    person: str | None
    at: Instant
    why: str


def skips(desk: Desk) -> list[Skip]:
    """Every word on what a view leaves out, the first one first; they are shown for ever."""
    with desk.reading() as reader:
        rows = reader.rows_of([STREAM])
    found = []
    for each in map(told, rows):
        if isinstance(event := each.event, SkipRuled):
            who = (each.actor_unit, each.actor_person)
            found.append(Skip(event.view, event.seq, event.skip, *who, event.at, event.why))
    return found


def shown(desk: Desk, views: "Views") -> Answer:
    """The answer of `projection status`: found, with a sentence for each, while any is parked."""
    standing, ruled = views.status(), skips(desk)
    rows = [
        (each.name, each.position, each.behind, each.behind_s(desk.now()), len(each.parked))
        for each in standing
    ]
    columns = (_("view"), _("position"), _("behind"), _("seconds"), _("parked"))
    parked = {each.name: each.parked for each in standing if each.parked}
    return Answer(
        data=[_facts(desk, each, ruled) for each in standing],
        lines=[
            *table([say(text) for text in columns], rows),
            *(_said(desk, each) for each in ruled),
        ],
        ids=list(parked),
        status="found" if parked else "done",
        diagnostics=_alarms(parked),
    )


def _facts(desk: Desk, each: "Status", ruled: Sequence[Skip]) -> dict[str, Any]:
    return {
        "name": each.name,
        "position": each.position,
        "size": each.size,
        "behind": each.behind,
        "behind_s": each.behind_s(desk.now()),
        "parked": msgspec.to_builtins(each.parked),
        "skips": [
            {**msgspec.structs.asdict(one), "at": rfc3339(one.at)}
            for one in ruled
            if one.view == each.name
        ],
    }


def _said(desk: Desk, skip: Skip) -> str:
    told = (
        _("{view} leaves out event {seq}: {why} ({who}, {at})")
        if skip.skip
        else _("{view} takes event {seq} in again: {why} ({who}, {at})")
    )
    unit = desk.unit_name(skip.unit) if skip.unit else ""
    who = "/".join(part for part in (unit, skip.person) if part)
    return say(
        told, view=skip.view, seq=skip.seq, why=skip.why, who=who,
        at=times.shown(skip.at, desk.zone),
    )  # fmt: skip


def is_cause(views: "Views", name: str, seq: int) -> bool:
    """Whether an event is what stops a case in a view, and does not only wait behind another."""
    from projections.folding import FOLLOWS

    parked = views.parked().get(name, ())
    return any(each.seq == seq and each.because != FOLLOWS for each in parked)


def alarms_of(views: "Views", name: str) -> list[Diagnostic]:
    """The sentences about what one view could not take."""
    return _alarms({name: views.parked().get(name, ())})


def _alarms(parked: "Mapping[str, Sequence[Parked]]") -> list[Diagnostic]:
    """A sentence for each event that a view could not take, with the two ways out of it."""
    from projections.folding import FOLLOWS

    told = _("View {view} cannot take event {seq}: {because}; {count} more wait behind it.")
    alarms = []
    for view, events in parked.items():
        for each in events:
            if each.because != FOLLOWS:
                behind = sum(one.case_id == each.case_id for one in events) - 1
                sentence = say(told, view=view, seq=each.seq, because=each.because, count=behind)
                ways = (
                    f"whistle projection retry {view} · whistle projection skip {view} {each.seq}"
                )
                alarms.append(Diagnostic(message=sentence, rule="view.parked", hint=ways))
    return alarms
