"""Assessing by the log itself: the response-time ledger, the ranking, the incidents, what is odd.

Every answer names the range of the log that was proved for it; a log that does not prove itself is
not scored (exit 7).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import click

from projections.desk import incident_rows, recorders
from projections.desk.answer import Answer, Diagnostic, LongList
from projections.desk.beside import Beside
from projections.desk.counted import ODD
from projections.desk.desk import Desk, pass_desk
from projections.desk.incident_rows import Listed, listed
from projections.desk.nouns import Noun
from projections.desk.scope import Scope, by_option, limits_of, limits_option, metric_of, scoped
from projections.desk.tables import beginning, length, table, whole_option
from projections.desk.words import say, word
from whistle.domain.measures import METRICS, Limits, Measures, Shape, grouped
from whistle.domain.quality import quality as find_odd
from whistle.domain.ranking import Ranking
from whistle.domain.refusal import _
from whistle.log.aside import in_order

METRIC_WORDS: Mapping[str, str] = {
    "call_to_whistle": _("report to whistle"),
    "ack": _("whistle to answer"),
    "travel": _("answer to arrival"),
    "arrival": _("whistle to arrival"),
    "total_response": _("report to arrival"),
    "disposal": _("arrival to finish"),
    "commitment": _("whistle to finish"),
}


@click.group(
    cls=Noun,
    chinese={"台账": "ledger", "排名": "rank", "事件": "incidents", "质量": "quality"},
)
def assess() -> None:
    """Figures computed from the proved log."""


@assess.command()
@limits_option
@scoped
@by_option
@pass_desk
def ledger(desk: Desk, limits: str | None, attribute: str | None, scope: Scope) -> Answer:
    """Add up the response times of every unit.

    Example: whistle assess ledger --limits ack=60s,arrival=300s
    """
    wanted = limits_of(limits)
    units, groups = Measures(wanted), Measures(wanted)
    found, count, beside = scope.of(desk, attribute), Counter[str](), Beside()
    for part in found.parts():
        rows, at = part.assignments(), part.stands_at
        units.take(rows, at=at)
        if attribute is not None:
            groups.take(rows, part.group_of, at)
            count["ungrouped"] += sum(part.group_of(row) is None for row in rows)
        count["unwhistled"] += len(part.unwhistled())
        count["extras"] += len(part.extras())
        beside.take(part)
    shape: Shape = {"overall": units.overall(), "per_unit": units.groups()}
    tail: Shape = {}
    if attribute is not None:
        tail |= {"by": attribute, "groups": groups.groups(), "ungrouped": count["ungrouped"]}
    tail |= {"unwhistled": count["unwhistled"], "extras": count["extras"]}
    lines = [*_ledger_lines(desk, shape, wanted), *_aside(tail)]
    if tail.get("groups"):
        lines += ["", *_group_lines(str(attribute), tail["groups"], _shown(shape))]
    return beside.answer(desk, found, {**shape, **tail}, lines, shape["per_unit"])


@assess.command()
@click.option(
    "--metric",
    "--指标",
    default="arrival",
    show_default=True,
    metavar="METRIC",
    help="What is compared.",
)
@limits_option
@click.option(
    "--min-n",
    "--至少",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="N",
    help="Only units with so many assignments.",
)
@scoped
@by_option
@pass_desk
def rank(
    desk: Desk, metric: str, limits: str | None, min_n: int, attribute: str | None, scope: Scope
) -> Answer:
    """Rank the units by how often they were on time.

    Example: whistle assess rank --metric arrival --limits arrival=300s --min-n 20
    """
    wanted = limits_of(limits)
    metric = metric_of(metric)
    if wanted is not None and metric not in wanted:
        raise click.UsageError(say(_("Give a limit for it too: --limits {metric}=300s"),
                                   metric=metric))  # fmt: skip
    limit = None if wanted is None else wanted[metric]
    units, groups = (
        Ranking(metric, limit),
        defaultdict[str, Ranking](partial(Ranking, metric, limit)),
    )
    found, beside = scope.of(desk, attribute), Beside()
    for part in found.parts():
        rows, at = part.assignments(), part.stands_at
        units.take(rows, at)
        for name, mine in grouped(rows, part.group_of).items():
            groups[name].take(mine, at)
        beside.take(part)
    shape = {"metric": metric, **units.shape(min_n)}
    lines = [*_ranking_lines(desk, shape["ranking"]), *_running(shape)]
    if attribute is not None:
        ranked = {name: each.shape(min_n)["ranking"] for name, each in sorted(groups.items())}
        shape |= {"by": attribute, "groups": ranked}
        for name, ranked in shape["groups"].items():
            lines += ["", name, *_ranking_lines(desk, ranked)]
    ranked_units = [each["unit"] for each in shape["ranking"]]
    return beside.answer(desk, found, shape, lines, ranked_units)


def _ranking_lines(desk: Desk, ranked: list[Shape]) -> list[str]:
    head = [_("rank"), _("unit"), _("n"), _("on time"), _("on-time rate"), "p50"]
    rows = [
        (
            each["rank"],
            desk.unit_name(each["unit"]),
            each["assignments"],
            each["on_time"],
            _percent(each["rate_all"]),
            length(each["p50_nearest_s"]),
        )
        for each in ranked
    ]
    if not rows:
        return [say(_("No unit has enough assignments with a limit; give one with --limits."))]
    return table([say(text) for text in head], rows)


@assess.command()
@click.option("--csv", "--表格", "as_csv", is_flag=True, help="A table for spreadsheets.")
@whole_option
@scoped
@by_option
@pass_desk
def incidents(
    desk: Desk, attribute: str | None, scope: Scope, *, as_csv: bool, whole: bool
) -> Answer:
    """List the incidents: who came first, and when the last one left.

    Example: whistle assess incidents --csv
    """
    found, beside, units = scope.of(desk, attribute), Beside(), set[str]()
    told = incident_rows.Told(desk, attribute)
    rows = listed(beside.heard(found.parts()))
    if as_csv and not desk.options.get("json"):
        worth = [Diagnostic(message=recorders.identities(), rule="identities.self_declared")]
        return desk.finish(Answer(stream=told.csv(rows), diagnostics=worth))
    noted = _units_noted(rows, units)
    facts: Shape = {"by": attribute} if attribute else {}
    lines: list[str] = []
    if desk.options.get("json"):
        facts = {"incidents": LongList(told.facts(noted)), **facts}
    else:
        shown, rest = beginning(noted, "--all, --csv, --json", whole=whole)
        lines = [*told.lines(shown), *rest]
    return beside.answer(desk, found, facts, lines, units)


def _units_noted(rows: Iterable[Listed], units: set[str]) -> Iterator[Listed]:
    """The same rows; the units that came first are noted as they pass."""
    for each in rows:
        if each.row.first_arrival_unit:
            units.add(each.row.first_arrival_unit)
        yield each


@assess.command()
@scoped
@pass_desk
def quality(desk: Desk, scope: Scope) -> Answer:
    """Name every odd row: nothing is repaired silently.

    Example: whistle assess quality
    """
    found, beside = scope.of(desk), Beside()
    counted = (row for part in beside.heard(found.parts()) for row in part.assignments())
    shape = find_odd(counted, partial(in_order, columns=4, key=3))
    rows = [
        (word(ODD, name), count, _examples(shape[name]))
        for name, count in shape["counts"].items()
        if count
    ]
    lines = table([say(text) for text in (_("what"), _("n"), _("such as"))], rows)
    lines = lines if rows else [say(_("Nothing is odd."))]
    return beside.answer(desk, found, shape, lines, ())


def _ledger_lines(desk: Desk, shape: Shape, wanted: Limits | None) -> list[str]:
    """One table a metric that has a limit, else that of the arrivals."""
    lines = [_overall(say(_("all")), shape["overall"])]
    for metric in _shown(shape):
        limit = wanted.get(metric) if wanted is not None else None
        title = say(METRIC_WORDS[metric])
        lines += ["", f"{title} <= {length(limit)}" if limit is not None else title]
        head = [say(text) for text in (_("unit"), _("n"), _("on time"), _("on-time rate"))]
        rows = [_row(desk.unit_name(unit), one, metric) for unit, one in shape["per_unit"].items()]
        lines += table([*head, "p50", "p90"], rows)
        lines += _running(shape["overall"]["metrics"][metric])
    return lines


def _shown(shape: Shape) -> list[str]:
    """The metrics that people are shown: those with a limit, else that of the arrivals."""
    figures = shape["overall"]["metrics"]
    return [metric for metric in METRICS if "on_time" in figures[metric]] or ["arrival"]


def _group_lines(attribute: str, groups: Shape, metrics: list[str]) -> list[str]:
    """Each group as the units are: how often it was on time, how long it took."""
    lines = []
    for metric in metrics:
        head = [say(text) for text in (_("n"), _("on time"), _("on-time rate"))]
        rows = [_row(name, one, metric) for name, one in groups.items()]
        lines += [say(METRIC_WORDS[metric]), *table([attribute, *head, "p50", "p90"], rows)]
    return [*lines, *(_overall(name, group) for name, group in groups.items())]


def _running(figures: Shape) -> list[str]:
    """How many calls still have time, and so are in no rate."""
    text = _("{count} calls still have time: neither on time nor late yet, in no rate")
    return [say(text, count=figures["n_running"])] if "n_running" in figures else []


def _aside(tail: Shape) -> list[str]:
    """What was told and counts nowhere."""
    lines = []
    if tail.get("ungrouped"):
        text = _("assignments that tell no {attribute}, in no group: {count}")
        lines.append(say(text, count=tail["ungrouped"], attribute=tail["by"]))
    if tail["unwhistled"]:
        text = _("assignments without a whistle (yet), kept and counted nowhere: {count}")
        lines.append(say(text, count=tail["unwhistled"]))
    if tail["extras"]:
        text = _("facts that do not count, for an earlier one does, or it was done again: {count}")
        lines.append(say(text, count=tail["extras"]))
    return lines


def _row(name: str, one: Shape, metric: str) -> tuple[object, ...]:
    figures = one["metrics"][metric]
    return (
        name,
        figures.get("n_limited", one["assignments"]),
        figures.get("on_time"),
        _percent(figures.get("rate_all")),
        length(figures.get("p50_nearest")),
        length(figures.get("p90_nearest")),
    )


def _overall(name: str, one: Shape) -> str:
    return say(
        _("{name}: assignments {assignments}, incidents {incidents}"),
        name=name,
        assignments=one["assignments"],
        incidents=one["incidents"],
    )


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share * 100:.1f}%"


def _examples(odd: Any) -> str:
    if not isinstance(odd, list):
        return ""
    named = [each if isinstance(each, str) else "+".join(each) for each in odd[:3]]
    return ", ".join(named) + (", …" if len(odd) > 3 else "")
