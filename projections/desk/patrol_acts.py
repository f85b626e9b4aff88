"""The verbs of a patrol: planned, started, stop by stop, what it found, finished."""

from collections.abc import Sequence

import click

from projections.desk import names, replies
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.evidence import digests, photo
from projections.desk.nouns import Noun
from projections.desk.patrol_looking import coverage, patrol_list, patrol_show
from projections.desk.patrol_words import route, slot, walkers
from projections.desk.words import folded, say
from whistle.domain.message import Order
from whistle.domain.patrol.planning import CallPatrolOff, PlanPatrol, StartPatrol, StartUnplanned
from whistle.domain.patrol.walking import (
    FinishPatrol,
    NotePatrol,
    ReportFinding,
    SkipStop,
    VisitStop,
)
from whistle.domain.refusal import _
from whistle.engine import Given, new_stream

OUT = ["walking"]
TO_START = ["to_walk"]


@click.group(
    cls=Noun,
    chinese={
        "计划": "plan",
        "开始": "start",
        "取消": "call-off",
        "到点": "stop-at",
        "备注": "note",
        "发现": "found",
        "完成": "finish",
        "列表": "list",
        "覆盖": "coverage",
        "查看": "show",
    },
)
def patrol() -> None:
    """Patrols: planned rounds with stops, what they found, and how well an area is walked."""


patrol.add_command(patrol_list, "list")
patrol.add_command(coverage, "coverage")
patrol.add_command(patrol_show, "show")


def give(desk: Desk, verb: str, stream: str, order: Order, name: str = "") -> Answer:
    """Give one patrol one order."""
    made = desk.ask(f"patrol {verb}", [Given(stream, order)], name=name)
    return replies.answer(desk, [made], rehearsed=desk.options["dry_run"])


@patrol.command()
@click.argument("stops", nargs=-1, required=True, metavar="STOP[@GRID][=HH:MM]...")
@click.option(
    "--slot", "--时段", metavar="HH:MM-HH:MM", help="From when to when; else the working day."
)
@click.option("--day", "--日期", metavar="YYYY-MM-DD", help="The day; else the next such slot.")
@click.option(
    "--who", "--人员", multiple=True, metavar="UNIT[/PERSON]", help="Who walks; else you."
)
@pass_desk
def plan(
    desk: Desk, stops: tuple[str, ...], slot: str | None, day: str | None, who: tuple[str, ...]
) -> Answer:
    """Plan a patrol: its STOPs in order, with grid and time of day if they have one.

    Example: whistle patrol plan "North Gate@0107-03" "Market=08:40" --slot 08:00-10:00 --who UM
    """
    begins, ends = _slot(desk, slot, day)
    order = PlanPatrol(
        route=route(stops, begins, desk.zone),
        begins=begins,
        ends=ends,
        walkers=walkers(desk, who),
        reason=desk.note,
    )
    return give(desk, "plan", new_stream(), order)


_slot = slot  # an option of `plan` has the same name


@patrol.command()
@click.argument("walk", required=False, default="", metavar="[PATROL]")
@click.option("--unplanned", "--临时", is_flag=True, help="Set out without a plan.")
@click.option("--stop", "--点位", "stops", multiple=True, help="A stop, for one without a plan.")
@click.option(
    "--with", "--同行", "company", multiple=True, metavar="UNIT[/PERSON]", help="Who is with you."
)
@pass_desk
def start(
    desk: Desk, walk: str, unplanned: bool, stops: tuple[str, ...], company: tuple[str, ...]
) -> Answer:
    """Set out on PATROL, or join it when it is out; the only one that waits for you is taken.

    Example: whistle patrol start 3 --with TP
    """
    beside = walkers(desk, company)
    if unplanned:
        if walk:
            raise click.UsageError(say(_("A patrol without a plan has no name yet.")))
        route_now = route(stops, desk.received_at, desk.zone)
        order = StartUnplanned(route=route_now, company=beside, reason=desk.note)
        return give(desk, "start", new_stream(), order)
    if stops:
        raise click.UsageError(say(_("The plan names the stops; --stop goes with --unplanned.")))
    found = names.patrol(desk, walk, TO_START)
    return give(desk, "start", found.stream, StartPatrol(company=beside), found.name or "")


@patrol.command("call-off")
@click.argument("walk", required=False, metavar="[PATROL]")
@pass_desk
def call_off(desk: Desk, walk: str | None) -> Answer:
    """Call a planned PATROL off before its slot is over: it is never missed. Say why with -m.

    Example: whistle patrol call-off 3 -m "rainstorm warning"
    """
    found = names.one(desk, "patrol", walk, ["planned"], "patrol call-off")
    return give(desk, "call-off", found.stream, CallPatrolOff(desk.note), found.name or "")


@patrol.command("stop-at")
@click.argument("place", nargs=-1, required=True, metavar="[PATROL] STOP")
@click.option("--skip", "--跳过", is_flag=True, help="Leave the stop out; say why with -m.")
@click.option("--grid", "--网格", default="", help="The grid cell, if the plan has none.")
@photo
@pass_desk
def stop_at(
    desk: Desk, place: tuple[str, ...], skip: bool, grid: str, photos: tuple[str, ...]
) -> Answer:
    """Check in at STOP, by its name or its number on the route; or leave it out with --skip.

    Example: whistle patrol stop-at "North Gate"
    """
    named, stop = _named(place, 1, "stop-at")
    found = names.patrol(desk, named, OUT)
    order: Order
    if skip:
        order = SkipStop(stop=folded(stop[0]), reason=desk.note)
    else:
        order = VisitStop(
            stop=folded(stop[0]), grid=folded(grid), note=desk.note, evidence=digests(photos)
        )
    return give(desk, "stop-at", found.stream, order, found.name or "")


@patrol.command()
@click.argument("walk", required=False, default="", metavar="[PATROL]")
@photo
@pass_desk
def note(desk: Desk, walk: str, photos: tuple[str, ...]) -> Answer:
    """Put something on record for PATROL, with -m or a photo.

    Example: whistle patrol note -m "lamps along the dyke are lit again"
    """
    found = names.patrol(desk, walk, OUT)
    order = NotePatrol(note=desk.note, evidence=digests(photos))
    return give(desk, "note", found.stream, order, found.name or "")


@patrol.command()
@click.argument("finding", nargs=-1, required=True, metavar="[PATROL] ITEM [PLACE]")
@click.option("--stop", "--点位", default="", help="At which stop; else the last one.")
@click.option("--grid", "--网格", default="", help="The grid cell; else the stop's.")
@photo
@pass_desk
def found(
    desk: Desk, finding: tuple[str, ...], stop: str, grid: str, photos: tuple[str, ...]
) -> Answer:
    """Report what the patrol found: ITEM of the catalogue, at PLACE or else at the stop.

    It becomes an incident in the same stroke. Example: whistle patrol found street-vending
    """
    named, given = _named(finding, 2, "found")
    walked = names.patrol(desk, named, OUT)
    incident = new_stream()
    order = ReportFinding(
        incident=incident,
        item=folded(given[0]),
        place=given[1] if len(given) > 1 else "",
        stop=folded(stop),
        grid=folded(grid),
        evidence=digests(photos),
        note=desk.note,
    )
    return give(desk, "found", walked.stream, order, walked.name or "")


@patrol.command()
@click.argument("walk", required=False, default="", metavar="[PATROL]")
@pass_desk
def finish(desk: Desk, walk: str) -> Answer:
    """Finish PATROL; stops that are still open are left out for the reason you give with -m.

    Example: whistle patrol finish
    """
    walked = names.patrol(desk, walk, OUT)
    return give(desk, "finish", walked.stream, FinishPatrol(note=desk.note), walked.name or "")


def _named(words: Sequence[str], most: int, verb: str) -> tuple[str, Sequence[str]]:
    """The patrol if one is named first, and the other words, of which there are 1 to `most`."""
    name, rest = "", words
    if len(words) > 1 and names.is_name(words[0]):
        name, rest = words[0], words[1:]
    if not 1 <= len(rest) <= most:
        text = _("Too many words: put what belongs together in quotes. whistle patrol {verb} -h")
        raise click.UsageError(say(text, verb=verb))
    return name, rest
