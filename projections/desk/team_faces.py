"""A joint team for people and for programs: its units, who of them is here, where it was sent."""

from collections.abc import Sequence
from typing import Any

from projections.desk import times
from projections.desk.desk import Desk
from projections.desk.tables import table
from projections.desk.words import MODES, STAGES, say, word
from whistle.domain.moment import Instant, rfc3339
from whistle.domain.refusal import _
from whistle.domain.team.state import Dispatch, Formed, Squad


def head_count(desk: Desk, team: Formed) -> list[str]:
    """How many of how many are here, and who is missing, by unit."""
    lines = [say(_("  {present} of {heads} present"), present=team.present, heads=team.heads)]
    for unit, squad in team.expected.items():
        if missing := squad.heads - squad.present:
            text = _("  missing {unit}: {count} of {heads} {names}")
            who = "、".join(squad.missing)
            lines.append(
                say(text, unit=desk.unit_name(unit), count=missing, heads=squad.heads, names=who)
                .rstrip()
            )  # fmt: skip
    return lines


def lines(desk: Desk, team: Formed) -> list[str]:
    """The team as it stands: leader, units, dispatches."""
    leader = desk.unit_name(team.leader)
    if team.leader_person:
        leader = f"{leader}/{team.leader_person}"
    head = say(
        _("{name}: {stage} · {title} · led by {leader}"),
        name=team.name,
        stage=team.stage,
        title=team.title,
        leader=leader,
    )
    expected = team.expected
    rows = [
        (
            desk.unit_name(unit),
            word(MODES, squad.contingent.mode),
            squad.heads,
            squad.present if unit in expected else None,
            _shown(desk, squad.since),
            _missing(squad) if unit in expected else say(_("stands by")),
        )
        for unit, squad in team.squads.items()
    ]
    columns = (_("unit"), _("mode"), _("people"), _("present"), _("since"), _("missing"))
    sent = [_sent(desk, each) for each in team.dispatches]
    return [head, *table([say(text) for text in columns], rows), *sent]


def listed(desk: Desk, teams: Sequence[Formed]) -> list[str]:
    """A line for each team."""
    if not teams:
        return [say(_("No team is formed: whistle team form TITLE --on-call UNIT=N …"))]
    rows = [
        (
            team.name,
            word(STAGES, team.stage),
            team.title,
            desk.unit_name(team.leader),
            f"{team.present}/{team.heads}",
            team.out.whistle_name if team.out else None,
        )
        for team in teams
    ]
    columns = (_("team"), _("stage"), _("title"), _("leads"), _("present"), _("whistle"))
    return table([say(text) for text in columns], rows)


def _missing(squad: Squad) -> str:
    away = squad.heads - squad.present
    return "、".join(squad.missing) or (str(away) if away else "")


def _shown(desk: Desk, at: Instant | None) -> str | None:
    return None if at is None else times.shown(at, desk.zone, desk.received_at)


def _sent(desk: Desk, each: Dispatch) -> str:
    if each.ended is None:
        text = _("  dispatch {nr}: {whistle}, sent {at}")
    elif each.broken_off:
        text = _("  dispatch {nr}: {whistle}, sent {at}, broken off {ended}, mark {mark}")
    else:
        text = _("  dispatch {nr}: {whistle}, sent {at}, over {ended}, mark {mark}")
    return say(
        text,
        nr=each.nr,
        whistle=each.whistle_name,
        at=_shown(desk, each.at),
        ended=_shown(desk, each.ended),
        mark="—" if each.score is None else each.score,
    )


def facts(desk: Desk, stream: str, team: Formed, version: int | None = None) -> dict[str, Any]:
    """The same for programs; a view knows no version."""
    known = {} if version is None else {"version": version}
    return {
        "name": team.name,
        "kind": "team",
        "stream": stream,
        **known,
        "stage": team.stage,
        "title": team.title,
        "leader": team.leader,
        "leader_name": desk.unit_name(team.leader),
        "leader_person": team.leader_person,
        "heads": team.heads,
        "present": team.present,
        "counted": _timed(team.counted),
        "units": [squad_facts(desk, team, unit) for unit in team.squads],
        "dispatches": [_dispatch(each) for each in team.dispatches],
    }


def squad_facts(desk: Desk, team: Formed, unit: str) -> dict[str, Any]:
    """One unit's people in a team, for programs."""
    squad = team.squads[unit]
    return {
        "unit": unit,
        "unit_name": desk.unit_name(unit),
        "mode": squad.contingent.mode,
        "expected": unit in team.expected,
        "heads": squad.heads,
        "present": squad.present,
        "since": _timed(squad.since),
        "persons": list(squad.contingent.persons),
        "missing": list(squad.missing),
    }


def _dispatch(each: Dispatch) -> dict[str, Any]:
    return {
        "nr": each.nr,
        "whistle": each.whistle_name,
        "incident": each.incident_name,
        "units": list(each.units),
        "dispatched": rfc3339(each.at),
        "ended": _timed(each.ended),
        "broken_off": each.broken_off,
        "score": each.score,
    }


def _timed(at: Instant | None) -> str | None:
    return None if at is None else rfc3339(at)
