"""A town in which anything may happen: every order there is, in any order, as chance has them.

Most acts follow a step that the town was told is next; the others come out of the blue.
"""

import random
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from tests import wild_beside
from tests.played import CALLED, Played
from tests.town import PLAYBOOK
from tests.wild_beside import BOSS, CLERK
from whistle.domain.aggregate import Aggregate
from whistle.domain.aggregates import of_kind
from whistle.domain.correction import Correct, effective
from whistle.domain.duties import Duty, still_to_do
from whistle.domain.incident.intake import AcceptIncident, ReportIncident
from whistle.domain.incident.outcome import CallReporterBack, CloseIncident, VerifyIncident
from whistle.domain.limit import parse_limit
from whistle.domain.message import Order
from whistle.domain.moment import HOUR, MINUTE, Instant
from whistle.domain.playbook import DeliveryRules, DeliveryRung
from whistle.domain.refusal import NotFound, Refused
from whistle.domain.rulebook import AdoptPlaybook
from whistle.domain.surroundings import Actor
from whistle.domain.taken_back import TakeBack
from whistle.domain.unit import AddPerson, SetReach
from whistle.domain.whistle import call, changing
from whistle.domain.whistle.approval import ApproveWhistle, TurnWhistleDown
from whistle.domain.whistle.closing import EvaluateUnit, RateWhistle
from whistle.domain.whistle.delivery import Deliver, TryDelivery
from whistle.domain.whistle.hearing import ConfirmTold, ContestTold, RuleTold
from whistle.domain.whistle.issue import BlowWhistle
from whistle.engine import Asked, Given, new_stream

OTHER = Actor(unit="town", person="另一人")
LADDER = DeliveryRules(
    rungs=(DeliveryRung(to="leader", after=parse_limit("10em")),),
    unreachable_after=parse_limit("30em"),
)
KINDS = {
    kind: msgspec.structs.replace(rules, confirm_within=parse_limit("2wh"), approve_by=("leader",))
    for kind, rules in PLAYBOOK.kinds.items()
}
BOOKS = [
    msgspec.structs.replace(
        PLAYBOOK, delivery=LADDER, kinds=KINDS, undo_minutes=minutes, digest=f"{minutes:064}"
    )
    for minutes in (5, 60)
]


class Step(NamedTuple):
    """A step that somebody owes, with the aggregate that asks for it."""

    duty: Duty
    stream: str
    state: Any


class Wild(Played):
    """The town, its clerk and its leader; the fire station is reached by phone alone."""

    def __init__(self, place: Path | str, seed: int) -> None:
        super().__init__(place)
        self.chance = random.Random(seed)  # noqa: S311 - a game, no secret
        self.patrols: list[str] = []
        self.last: tuple[Actor, list[tuple[str, int]]] = (CLERK, [])
        with self.log.reading() as reader:
            self.units = {
                code: reader.named("unit", code)[0].stream for code in ("town", "xf", "jj")
            }
        for name, role in (("李镇长", "leader"), ("小周", "clerk")):
            self.give(CLERK, self.units["town"], AddPerson(unit="town", person=name, role=role))  # type: ignore[arg-type]  # the names of real roles
        self.give(CLERK, self.units["xf"], SetReach(unit="xf", reached="phone"))
        self.give(CLERK, "rulebook", AdoptPlaybook(BOOKS[0]))

    def give(self, who: Actor, stream: str, *orders: Order, claimed: Instant | None = None) -> bool:
        """Have orders obeyed as the desk does it: the clock is heard first."""
        self.engine.tick()
        size = self.log.size()
        if not self.allowed(who, stream, *orders, claimed=claimed):
            return False
        acted = [(e.stream, e.seq) for e in self.log.page(size, 99) if e.event.at == e.received_at]
        self.last = who, acted
        return True

    def allowed(self, who: Actor, stream: str, *orders: Order, **how: Any) -> bool:
        """Whether the rules allow it; with `dry_run` it is only tried."""
        return self.refusal(who, stream, *orders, **how) is None

    def refusal(
        self,
        who: Actor,
        stream: str,
        *orders: Order,
        claimed: Instant | None = None,
        dry_run: bool = False,
    ) -> Refused | NotFound | None:
        """What the rules say against it."""
        asked = Asked(
            verb="play",
            orders=tuple(Given(stream, order) for order in orders),
            actor=who,
            received_at=self.now,
            happened_at=claimed,
            command_id=UUID(int=next(self._commands)).bytes,
            command_digest=b"",
            dry_run=dry_run,
        )
        try:
            self.engine.obey(asked)
        except (Refused, NotFound) as refusal:
            return refusal
        return None

    def standing(self, stream: str) -> tuple[Aggregate, Any]:
        """An aggregate, and what the record makes of it."""
        with self.log.reading() as reader:
            named = reader.of_stream(stream)
        assert named is not None
        aggregate = of_kind(named.kind)
        told = effective(self.told(stream))
        return aggregate, reduce(aggregate.evolve, (each.event for each in told), aggregate.start)

    def steps(self) -> Iterator[Step]:
        """Every step that the town, or a unit, is told to take."""
        for first in (*self.incidents, *self.teams, *self.patrols):
            with self.log.reading() as reader:
                streams = [first, *(each.stream for each in reader.of_case(first))]
            found = [
                Step(duty, stream, state)
                for stream in dict.fromkeys(streams)
                for aggregate, state in [self.standing(stream)]
                for duty in aggregate.duties(state)
            ]
            left = still_to_do(step.duty for step in found)
            yield from (step for step in found if step.duty in left)


def taken(step: Step) -> tuple[Actor, str, Order] | None:
    """The order that takes a step, and by whom; none if it only waits."""
    verb, unit = step.duty.verb, step.duty.name.rpartition("/")[2]
    if verb.startswith(("team", "patrol")):
        return wild_beside.taken(step.duty, step.stream, step.state)
    whose = Actor(unit=step.duty.unit) if step.duty.unit else OTHER
    made: dict[str, Any] = {
        "ack": lambda: call.Acknowledge(unit=unit),
        "arrive": lambda: call.Arrive(unit=unit),
        "finish": lambda: call.Finish(unit=unit),
        "leave": lambda: call.Release(unit=unit),
        "rate": lambda: EvaluateUnit(unit, 90),
        "deliver": lambda: Deliver(unit, "值班员"),
        "approve": ApproveWhistle,
        "confirm": lambda: ConfirmTold(unit),
        "rule": lambda: RuleTold(unit, _contested(step.state.calls[unit]), reason="听取双方"),
        "undo": lambda: TakeBack(seq=int(step.duty.name)),
        "call add": lambda: changing.AddUnits((_wanted(step.state),)),
        "accept": AcceptIncident,
        "verify": lambda: VerifyIncident(passed=True),
        "callback": lambda: CallReporterBack("satisfied"),
        "close": CloseIncident,
    }
    if verb == "show":
        return None
    if verb == "blow":
        incident = getattr(step.state, "incident", step.stream)
        return BOSS, new_stream(), BlowWhistle(incident)
    return BOSS if verb in ("approve", "rule") else whose, step.stream, made[verb]()


def _contested(theirs: Any) -> int:
    return int(next(each.acts[-1] for each in theirs.tellings if each.contested))


def _wanted(whistle: Any) -> str:
    """Who is asked for, or else any unit that is not called yet."""
    need = next(each for each in whistle.needs.values() if not each.answered)
    free = (unit for unit in CALLED if unit not in whistle.calls)
    return str(need.wanted) or next(free, "jj")


def play(town: Wild, acts: int) -> None:
    """So many acts; what the rules refuse leaves no event, which is as good."""
    chance = town.chance
    for _ in range(acts):
        town.now += chance.choice([0, 1, 3 * MINUTE, chance.randrange(2 * HOUR)])
        town.now -= chance.choice([0] * 30 + [HOUR])  # the clock steps back
        if not town.whistles or chance.random() < 0.1:
            _begin(town)
        elif chance.random() < 0.25:
            wild_beside.act(town)
        elif chance.random() < 0.5:
            _follow(town)
        elif chance.random() < 0.2:
            _amend_record(town)
        else:
            _anything(town)


def _begin(town: Wild) -> None:
    incident, whistle, chance = new_stream(), new_stream(), town.chance
    item = chance.choice(["gas-leak", "street-vending"])
    if town.give(CLERK, incident, ReportIncident(item, "榆苑路"), AcceptIncident()):
        town.incidents.append(incident)
    later = town.now + chance.randrange(1, HOUR) if chance.random() < 0.2 else None
    order = BlowWhistle(incident, assists=("xf", "jj")[: chance.randrange(3)], on=later)
    if town.give(chance.choice([CLERK, BOSS]), whistle, order):
        town.whistles.append(whistle)


def _follow(town: Wild) -> None:
    """Somebody does what is next, or has it told by phone, perhaps some time after."""
    found = [made for step in town.steps() if (made := taken(step))]
    if not found:
        return
    who, stream, order = town.chance.choice(found)
    if isinstance(order, call.CallOrder) and who.unit == order.unit and town.chance.random() < 0.3:
        who = msgspec.structs.replace(CLERK, behalf=order.unit, mouth="phone", speaker="值班员")
    late = town.chance.random() < 0.2 and isinstance(order, call.CallOrder)
    town.give(who, stream, order, claimed=town.now - MINUTE if late else None)


def _amend_record(town: Wild) -> None:
    """Something is taken back, at once or after a while, or set right."""
    who, acted = town.last
    stream, seq = town.chance.choice(acted or [(town.whistles[-1], 1)])
    if town.chance.random() < 0.3:
        town.now += 6 * MINUTE
    if town.chance.random() < 0.7:
        by = msgspec.structs.replace(who, behalf="", mouth="", speaker="")
        town.give(town.chance.choice([by, by, BOSS]), stream, TakeBack(seq=seq, why="误点"))
    else:
        town.give(CLERK, stream, Correct(seq, {"at": town.now - 2 * MINUTE}, "typed wrong"))


def _anything(town: Wild) -> None:
    chance = town.chance
    whistle, unit = chance.choice(town.whistles[-3:]), chance.choice(CALLED)
    reached, own = chance.choice(["phone", "inbox"]), Actor(unit=unit)
    what: list[tuple[Actor, Order]] = [
        (CLERK, ApproveWhistle(by="李镇长")),
        (BOSS, TurnWhistleDown("不符合吹哨条件")),
        (CLERK, changing.WithdrawWhistle("误报")),
        (CLERK, changing.WithdrawCall(unit, "误报")),
        (CLERK, changing.AmendWhistle(place="榆苑路3号")),
        (CLERK, changing.AddUnits((unit,), duty=chance.choice(["assist", "lead"]))),
        (CLERK, changing.CallForMore(what="云梯", wanted=chance.choice(["", *CALLED]))),
        (own, changing.CallForMore(what="水带", wanted=chance.choice(["", *CALLED]))),
        (CLERK, TryDelivery(unit, "值班员")),
        (own, call.Arrive(unit=unit)),
        (own, call.Act(unit=unit, act="关阀")),
        (own, call.Decline(unit=unit, reason="not-our-duty")),
        (own, call.Leave(unit=unit, reason="另有火情")),
        (own, RateWhistle(unit, 80)),
        (own, ContestTold(unit, reason="没有此事")),
        (CLERK, ContestTold(unit, reason="没有此事")),
    ]
    rules: list[tuple[str, Order]] = [
        ("rulebook", AdoptPlaybook(chance.choice(BOOKS))),
        (town.units["jj"], SetReach(unit="jj", reached=reached)),  # type: ignore[arg-type]  # one of the two
        (town.incidents[-1], VerifyIncident(passed=False)),
    ]
    if chance.random() < 0.1:
        town.give(CLERK, *chance.choice(rules))
    else:
        who, order = chance.choice(what)
        town.give(who, whistle, order)
