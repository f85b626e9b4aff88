"""The verbs of a joint team: formed, gathered, counted, sent, relieved, stood down, marked."""

import click

from projections.desk import names, replies, team_faces
from projections.desk.answer import Answer
from projections.desk.contingents import modes, only, read, read_missed
from projections.desk.desk import Desk, pass_desk
from projections.desk.nouns import Noun
from projections.desk.words import folded, say
from whistle.domain.correction import state_after
from whistle.domain.message import Order
from whistle.domain.refusal import NotFound, _
from whistle.domain.team import TEAM
from whistle.domain.team.membership import FormTeam, JoinTeam, LeaveTeam, RelieveUnit
from whistle.domain.team.scene import CountHeads, SignIn
from whistle.domain.team.sending import DispatchTeam, EvaluateTeam, StandDown
from whistle.domain.team.state import Formed
from whistle.engine import Given, new_stream
from whistle.log.port import Named

WORKING = ["formed", "dispatched"]


@click.group(
    cls=Noun,
    chinese={
        "组建": "form", "加入": "join", "退出": "leave", "轮换": "relieve", "签到": "sign-in",
        "点名": "count", "出动": "dispatch", "收队": "stand-down", "评价": "rate", "查看": "show",
        "列表": "list",
    },
)  # fmt: skip
def team() -> None:
    """Joint teams (队伍): people of several units, sent out and counted as one."""


def given(desk: Desk, verb: str, stream: str, name: str, order: Order) -> Answer:
    """Give a team an order; the answer tells its head count too."""
    made = desk.ask(f"team {verb}", [Given(stream, order)], name=name)
    answer = replies.answer(desk, [made], rehearsed=desk.options["dry_run"])
    if verb in ("sign-in", "count") and not desk.options["dry_run"]:
        state, _version = folded_team(desk, stream)
        answer.lines = [*answer.lines, *team_faces.head_count(desk, state)]
    return answer


def folded_team(desk: Desk, stream: str) -> tuple[Formed, int]:
    """A team from the log itself, and its version; NotFound when nobody formed it."""
    with desk.reading() as reader:
        history = reader.stream(stream)
    state = state_after(history, TEAM.start, TEAM.evolve)
    if not isinstance(state, Formed):
        raise NotFound(_("There is no such team."), hint="whistle team list")
    return state, len(history)


def _leader(desk: Desk, text: str) -> tuple[str, str]:
    unit, _slash, person = folded(text).partition("/")
    return (desk.unit(unit).code if unit else "", person.strip())


@team.command("form")
@click.argument("title")
@modes
@click.option("--leader", "--牵头", default="", metavar="UNIT[/PERSON]", help="Who leads.")
@pass_desk
def form(
    desk: Desk, title: str, leader: str, posted: tuple[str, ...], staff: tuple[str, ...],
    called: tuple[str, ...],
) -> Answer:  # fmt: skip
    """Form a joint team for TITLE (组建); the first unit leads unless another is named.

    Example: whistle team form "night check of dump trucks" --stationed-team UM=5 --on-call TP=2
    """
    unit, person = _leader(desk, leader)
    order = FormTeam(
        title=title,
        contingents=read(desk, posted, staff, called),
        leader=unit,
        leader_person=person,
        note=desk.note,
    )
    return given(desk, "form", new_stream(), title, order)


@team.command("join")
@click.argument("name", metavar="TEAM")
@modes
@pass_desk
def join(
    desk: Desk, name: str, posted: tuple[str, ...], staff: tuple[str, ...], called: tuple[str, ...]
) -> Answer:
    """Take a unit's people into TEAM (加入).

    Example: whistle team join 3 --on-call MR=2
    """
    found = names.one(desk, "team", name, WORKING, "team join")
    order = JoinTeam(contingent=only(desk, posted, staff, called), note=desk.note)
    return given(desk, "join", found.stream, found.name or "", order)


@team.command("leave")
@click.argument("name", metavar="TEAM")
@click.argument("unit", required=False)
@pass_desk
def leave(desk: Desk, name: str, unit: str | None) -> Answer:
    """Let UNIT's people go from TEAM (退出); while it is sent out, say why with -m.

    Example: whistle team leave 3 MR
    """
    found = names.one(desk, "team", name, WORKING, "team leave")
    code = desk.unit(unit).code if unit else desk.actor.speaks_for
    order = LeaveTeam(unit=code, reason=desk.note)
    return given(desk, "leave", found.stream, found.name or "", order)


@team.command("relieve")
@click.argument("name", metavar="TEAM")
@click.argument("unit")
@modes
@click.option("--leader", "--牵头", default="", metavar="PERSON", help="Who leads from now on.")
@pass_desk
def relieve(
    desk: Desk, name: str, unit: str, leader: str, posted: tuple[str, ...],
    staff: tuple[str, ...], called: tuple[str, ...],
) -> Answer:  # fmt: skip
    """Put others in the place of UNIT's people (轮换): its next shift, or another unit.

    Example: whistle team relieve 3 UM --stationed-team UM=4
    """
    found = names.one(desk, "team", name, WORKING, "team relieve")
    order = RelieveUnit(
        unit=desk.unit(unit).code,
        by=only(desk, posted, staff, called),
        leader_person=folded(leader),
        note=desk.note,
    )
    return given(desk, "relieve", found.stream, found.name or "", order)


@team.command("sign-in")
@click.argument("words", nargs=-1, metavar="[TEAM] [PERSON]...")
@click.option("-n", "--heads", "--人数", type=click.IntRange(1), help="How many, named or not.")
@click.option("--unit", "--单位", help="Whose people they are; else yours.")
@pass_desk
def sign_in(desk: Desk, words: tuple[str, ...], heads: int | None, unit: str | None) -> Answer:
    """Sign a unit's people in (签到): all who are awaited, some by name, or -n so many.

    Examples: whistle team sign-in 3 --as UM · whistle team sign-in 3 -n 2 --behalf TP
    """
    named = words[0] if words and names.is_name(words[0]) else None
    persons = words[1:] if named is not None else words
    found = names.one(desk, "team", named, WORKING, "team sign-in")
    order = SignIn(
        unit=desk.unit(unit).code if unit else desk.actor.speaks_for,
        persons=tuple(folded(person) for person in persons),
        heads=heads or 0,
        note=desk.note,
    )
    return given(desk, "sign-in", found.stream, found.name or "", order)


@team.command("count")
@click.argument("name", required=False, metavar="[TEAM]")
@click.option(
    "--missing", "--缺", multiple=True, metavar="UNIT/NAME,… | UNIT=N",
    help="Who had signed in and did not answer.",
)  # fmt: skip
@pass_desk
def count(desk: Desk, name: str | None, missing: tuple[str, ...]) -> Answer:
    """Call the roll of TEAM (点名): N of M are present, and who is missing, by unit.

    Example: whistle team count 3 --missing TP=1
    """
    found = names.one(desk, "team", name, WORKING, "team count")
    order = CountHeads(missed=read_missed(desk, missing), note=desk.note)
    return given(desk, "count", found.stream, found.name or "", order)


@team.command("dispatch")
@click.argument("name", metavar="TEAM")
@click.argument("whistle", required=False)
@pass_desk
def dispatch(desk: Desk, name: str, whistle: str | None) -> Answer:
    """Send TEAM to the scene of WHISTLE (出动): the only one that sounds, unless it is named.

    Example: whistle team dispatch 3 19
    """
    found = names.one(desk, "team", name, WORKING, "team dispatch")
    target = names.one(desk, "whistle", whistle, ["sounding"], "team dispatch")
    order = DispatchTeam(whistle=target.stream, note=desk.note)
    return given(desk, "dispatch", found.stream, found.name or "", order)


@team.command("stand-down")
@click.argument("name", required=False, metavar="[TEAM]")
@pass_desk
def stand_down(desk: Desk, name: str | None) -> Answer:
    """Let everybody of TEAM go, for good (收队); while its whistle has open calls, say why with -m.

    Example: whistle team stand-down 3
    """
    found = names.one(desk, "team", name, WORKING, "team stand-down")
    return given(desk, "stand-down", found.stream, found.name or "", StandDown(reason=desk.note))


@team.command("rate")
@click.argument("name", metavar="TEAM")
@click.argument("mark", type=int)
@click.option("--dispatch", "--出动", "nr", type=int, help="Which dispatch, if several wait.")
@pass_desk
def rate(desk: Desk, name: str, mark: int, nr: int | None) -> Answer:
    """Give TEAM the town's MARK (0 to 100) for a dispatch that is over (评价).

    Example: whistle team rate 3 90
    """
    found = names.one(desk, "team", name, [], "team rate")
    if nr is None:
        nr = _unmarked(folded_team(desk, found.stream)[0])
    order = EvaluateTeam(nr=nr, score=mark, note=desk.note)
    return given(desk, "rate", found.stream, found.name or "", order)


def _unmarked(state: Formed) -> int:
    """The one dispatch that waits for its mark; the last one, where the rules say why not."""
    waiting = [
        each.nr for each in state.dispatches if each.ended is not None and each.score is None
    ]
    if len(waiting) > 1:
        text = _("{name}: dispatches {numbers} wait for a mark; say which with --dispatch.")
        numbers = ", ".join(map(str, waiting))
        raise click.UsageError(say(text, name=state.name, numbers=numbers))
    return waiting[0] if waiting else max(1, len(state.dispatches))


@team.command("show")
@click.argument("name", required=False, metavar="[TEAM]")
@pass_desk
def show(desk: Desk, name: str | None) -> Answer:
    """Show TEAM as it stands (查看): its units, who is here, where it was sent.

    Example: whistle team show 3
    """
    return standing_team(desk, names.one(desk, "team", name, WORKING, "team show"))


def standing_team(desk: Desk, found: Named) -> Answer:
    """A team as it stands."""
    state, version = folded_team(desk, found.stream)
    return Answer(
        data=team_faces.facts(desk, found.stream, state, version),
        lines=team_faces.lines(desk, state),
        ids=[state.name],
    )


@team.command("list")
@click.option("--all", "--全部", "over", is_flag=True, help="Those that were stood down too.")
@pass_desk
def list_(desk: Desk, over: bool) -> Answer:
    """List the teams (列表): who leads, how many are present, where each is sent.

    Example: whistle team list
    """
    desk.check_town()
    with desk.reading() as reader:
        found = reader.waiting("team", [*WORKING, *(["stood_down"] if over else [])])
    teams = [(each.stream, *folded_team(desk, each.stream)) for each in found]
    return Answer(
        data=[team_faces.facts(desk, *team) for team in teams],
        lines=team_faces.listed(desk, [state for _stream, state, _version in teams]),
        ids=[state.name for _stream, state, _version in teams],
    )
