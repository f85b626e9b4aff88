"""What the four views and the ledger show of the joint teams, beside their own rows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from projections.desk import times
from projections.desk.desk import Desk
from projections.desk.reading import facts
from projections.desk.tables import cut, table
from projections.desk.team_faces import facts as team_facts
from projections.desk.team_faces import squad_facts
from projections.desk.words import MODES, STAGES, say, word
from whistle.domain.moment import Instant
from whistle.domain.refusal import _
from whistle.domain.team.state import Formed

if TYPE_CHECKING:
    from projections.catch_up import Views
    from projections.teams import TeamRow, TurnoutRow


class Beside(NamedTuple):
    """A table of teams under a view's own, and its rows for programs."""

    head: str
    columns: Sequence[str]
    shown: Sequence[Sequence[object]]
    rows: list[dict[str, Any]]

    def lines(self, *, whole: bool) -> list[str]:
        """For people: nothing where there is no team, and a long table cut short."""
        if not self.shown:
            return []
        first, rest = cut(self.shown, "--all, --json", whole=whole)
        return [say(self.head), *table([say(text) for text in self.columns], first), *rest]


def sent(desk: Desk, open_views: "Views") -> Beside:
    """For command: which team is where, and how many of it are there."""
    from projections import teams

    found = teams.teams(open_views, open_only=True)
    columns = (_("team"), _("stage"), _("whistle"), _("sent"), _("present"), _("which units"))
    shown = [_sent(desk, row) for row in found]
    rows = [team_facts(desk, row.team, row.state) for row in found]
    return Beside(_("Joint teams 联合队伍"), columns, shown, rows)


def _sent(desk: Desk, row: "TeamRow") -> tuple[object, ...]:
    team, out = row.state, row.state.out
    return (
        team.name,
        word(STAGES, team.stage),
        out.whistle_name if out else None,
        _at(desk, out.at if out else None),
        f"{team.present}/{team.heads}",
        " ".join(desk.unit_name(unit) for unit in team.squads),
    )


def members(desk: Desk, open_views: "Views", whistle: str | None, unit: str | None) -> Beside:
    """For coordinate: each unit's people in the teams that stand, who is here and since when."""
    from projections import teams

    found = [
        (row.state, code)
        for row in teams.teams(open_views, open_only=True)
        if whistle is None or (row.state.out is not None and row.state.out.whistle == whistle)
        for code in row.state.squads
        if unit in (None, code)
    ]
    columns = (
        _("team"), _("whistle"), _("unit"), _("mode"), _("present"), _("missing"), _("since"),
    )  # fmt: skip
    shown = [_member(desk, team, code) for team, code in found]
    rows = [_member_facts(desk, team, code) for team, code in found]
    return Beside(_("Joint teams 联合队伍"), columns, shown, rows)


def _member(desk: Desk, team: Formed, unit: str) -> tuple[object, ...]:
    squad, expected = team.squads[unit], unit in team.expected
    return (
        team.name,
        team.out.whistle_name if team.out else None,
        desk.unit_name(unit),
        word(MODES, squad.contingent.mode),
        f"{squad.present}/{squad.heads}" if expected else say(_("stands by")),
        "、".join(squad.missing) if expected else "",
        _at(desk, squad.since),
    )


def _member_facts(desk: Desk, team: Formed, unit: str) -> dict[str, Any]:
    return {
        "team": team.name,
        "whistle": team.out.whistle_name if team.out else None,
        **squad_facts(desk, team, unit),
    }


def worked(desk: Desk, open_views: "Views") -> Beside:
    """For inspect: the incidents that a team was sent to."""
    from projections import teams

    found: dict[tuple[str, int], list[TurnoutRow]] = {}
    for row in teams.turnouts(open_views):
        found.setdefault((row.team_name, row.nr), []).append(row)
    shown = [
        (
            rows[0].incident_name,
            team,
            rows[0].whistle_name,
            " ".join(desk.unit_name(row.unit) for row in rows),
            sum(row.present for row in rows),
        )
        for (team, _nr), rows in found.items()
    ]
    columns = (_("incident"), _("team"), _("whistle"), _("which units"), _("people there"))
    rows = [
        {"incident": incident, "team": team, "whistle": whistle, "present": present,
         "units": [row.unit for row in found[key]]}
        for key, (incident, team, whistle, _units, present) in zip(found, shown, strict=True)
    ]  # fmt: skip
    return Beside(_("Teams sent to incidents"), columns, shown, rows)


def turnouts(desk: Desk, open_views: "Views") -> Beside:
    """For the ledger: how soon after the dispatch each unit's people signed in on the scene."""
    from projections import teams

    found = teams.turnouts(open_views)
    shown = [
        (
            desk.unit_name(row.unit),
            f"{row.team_name}/{row.nr}",
            row.whistle_name,
            _at(desk, row.sent_at),
            _took(row.sent_at, row.signed_in_at),
            f"{row.present}/{row.heads}",
            _took(row.signed_in_at, row.ended_at),
            row.mark,
        )
        for row in found
    ]
    columns = (
        _("unit"), _("team"), _("whistle"), _("sent"), _("signed in after"), _("present"),
        _("stayed"), _("mark"),
    )  # fmt: skip
    rows = [facts(desk, row) for row in found]
    return Beside(_("Joint teams 联合队伍"), columns, shown, rows)


def _at(desk: Desk, at: Instant | None) -> str | None:
    return None if at is None else times.shown(at, desk.zone, desk.received_at)


def _took(start: Instant | None, end: Instant | None) -> str | None:
    return None if start is None or end is None else times.left(end, start)
