"""A town played through the real engine: any acts in any order, as chance has them."""

import random
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from tests import places
from tests.town import CALENDAR, PLAYBOOK, TOWN, UNITS, actor, at
from whistle.domain.correction import Correct, Told
from whistle.domain.history import HistoryRecorded, Kind, digest
from whistle.domain.incident.handling import HandleIncident, TransferIncident
from whistle.domain.incident.intake import AcceptIncident, RefuseIncident, ReportIncident
from whistle.domain.incident.outcome import (
    CallReporterBack,
    CloseIncident,
    ReopenIncident,
    VerifyIncident,
)
from whistle.domain.message import Order
from whistle.domain.moment import HOUR, MINUTE, Instant
from whistle.domain.refusal import NotFound, Refused
from whistle.domain.rulebook import AdoptCalendar, AdoptPlaybook, FoundTown
from whistle.domain.surroundings import Actor
from whistle.domain.team.events import Contingent
from whistle.domain.team.membership import FormTeam, LeaveTeam, RelieveUnit
from whistle.domain.team.scene import CountHeads, Missed, SignIn
from whistle.domain.team.sending import DispatchTeam, EvaluateTeam, StandDown
from whistle.domain.unit import RegisterUnit
from whistle.domain.whistle.approval import ApproveWhistle
from whistle.domain.whistle.call import (
    Acknowledge,
    Act,
    Arrive,
    CallOrder,
    Decline,
    Depart,
    Finish,
    Leave,
    Release,
)
from whistle.domain.whistle.closing import EvaluateUnit, RateWhistle
from whistle.domain.whistle.events import Acknowledged, Arrived, Finished
from whistle.domain.whistle.issue import BlowWhistle
from whistle.engine import Asked, Engine, Given, new_stream
from whistle.engine.importing import history_stream
from whistle.log import stores
from whistle.log.port import Draft, Log, Stamp
from whistle.log.store_log import StoreLog

CALLED = ("jj", "xf", "rq", "cg")
LEADER = "town/李镇长"


class Played:
    """A store with a town in it, its engine, and a clock that the test moves."""

    def __init__(self, place: Path | str) -> None:
        address = place if isinstance(place, str) else places.address(place)
        self.address = address
        stores.create(address)
        self.views_at = places.views_at(address)
        self.now: Instant = at("09:00")
        self.log = stores.open_log(address, lambda: self.now)
        self.engine = Engine(self.log, lambda: self.now)
        self.incidents: list[str] = []
        self.whistles: list[str] = []
        self.teams: list[str] = []
        self._commands = count(1)
        self._sources = count(1)
        units = [
            Given(
                new_stream(),
                RegisterUnit(
                    code=each.code, name=each.name, type=each.type, commander=each.commander
                ),
            )
            for each in UNITS.values()
        ]
        rules = [FoundTown("泽安", "WY"), AdoptPlaybook(PLAYBOOK), AdoptCalendar(CALENDAR)]
        self.ask(TOWN, *(Given("rulebook", rule) for rule in rules), *units)

    @property
    def path(self) -> Path:
        """The file of an embedded store."""
        assert self.log.path is not None
        return self.log.path

    def ask(self, by: str, *given: Given, happened_at: Instant | None = None) -> bool:
        """Give orders; whether the rules allowed them."""
        self.now += MINUTE
        asked = Asked(
            verb="play",
            orders=given,
            actor=actor(by),
            received_at=self.now,
            happened_at=happened_at,
            command_id=UUID(int=next(self._commands)).bytes,
            command_digest=b"",
        )
        try:
            self.engine.obey(asked)
        except (Refused, NotFound):
            return False
        return True

    def order(self, by: str, stream: str, order: Order) -> bool:
        """Give one order."""
        return self.ask(by, Given(stream, order))

    def report(self, item: str = "gas-leak", channel: Any = "patrol") -> str:
        """An incident, reported."""
        self.incidents.append(new_stream())
        self.order(TOWN, self.incidents[-1], ReportIncident(item, "榆苑路", channel=channel))
        return self.incidents[-1]

    def blow(self, incident: str, *assists: str) -> str:
        """A whistle for an incident: accepted if need be, approved if need be."""
        self.order(TOWN, incident, AcceptIncident())
        self.whistles.append(new_stream())
        self.order(TOWN, self.whistles[-1], BlowWhistle(incident, assists=assists))
        self.order(LEADER, self.whistles[-1], ApproveWhistle())
        return self.whistles[-1]

    def call(self, whistle: str, order: CallOrder) -> bool:
        """A unit acts upon its own call."""
        return self.order(order.unit, whistle, order)

    def seq_of(self, stream: str, kind: type, unit: str = "") -> int:
        """Where the first event of a kind stands in the log."""
        return next(
            told.seq
            for told in self.told(stream)
            if isinstance(told.event, kind) and unit in ("", getattr(told.event, "unit", ""))
        )

    def told(self, stream: str) -> list[Told]:
        """The history of a stream."""
        with self.log.reading() as reader:
            return reader.stream(stream)

    def correct(self, stream: str, seq: int, **changes: Any) -> bool:
        """Set right what an event says."""
        return self.order(TOWN, stream, Correct(seq, changes, "typed wrong"))

    def import_facts(self, facts: Sequence[tuple[str, str | None, Kind, Instant]]) -> None:
        """Record (incident, unit, kind, at) of another system, as an import does."""
        with self.log.writing() as txn:
            for incident, unit, kind, when in facts:
                stream = history_stream("sf", incident)
                version = txn.versions([stream]).get(stream, 0) + 1
                event = HistoryRecorded(
                    at=when,
                    kind=kind,
                    incident=incident,
                    unit=unit,
                    source="sf",
                    source_event_id=f"{next(self._sources)}/{kind}",
                )
                key = UUID(int=next(self._commands)).bytes
                stamp = Stamp(self.now, key, b"", Actor())
                txn.append([Draft(stream, version, event, stream)], stamp)
                txn.keep_sources([("sf", event.source_event_id, digest(event))])
                txn.keep_reply(stamp, b'{"recorded":1}')

    def close(self) -> None:
        """Let go of the store."""
        self.log.close()


def play(town: Played, acts: int, seed: int) -> None:
    """Do acts at random; what the rules refuse leaves no event, which is as good."""
    chance = random.Random(seed)  # noqa: S311 - a game, no secret
    for _ in range(acts):
        town.now += chance.randrange(2 * HOUR)
        if chance.random() < 0.3 or not town.whistles:
            channel = chance.choice(["patrol", "12345"])
            incident = town.report(chance.choice(["gas-leak", "street-vending"]), channel)
            if chance.random() < 0.8:
                town.blow(incident, *chance.sample(CALLED, 2))
        elif chance.random() < 0.15:
            _import(town, chance)
        elif chance.random() < 0.2:
            _team(town, chance)
        elif chance.random() < 0.1:
            _correct(town, chance)
        elif chance.random() < 0.1:
            town.engine.tick()
        elif chance.random() < 0.3:
            order = chance.choice(_TOWN_ORDERS)
            town.order("town/小周", chance.choice(town.incidents), order)
        else:
            _call(town, chance)


_TOWN_ORDERS: tuple[Order, ...] = (
    AcceptIncident(),
    RefuseIncident("repeated", "seen already"),
    HandleIncident(),
    TransferIncident("jj"),
    VerifyIncident(passed=True),
    VerifyIncident(passed=False),
    CallReporterBack("satisfied"),
    CloseIncident(),
    ReopenIncident("it is back"),
)


def _call(town: Played, chance: random.Random) -> None:
    whistle = chance.choice(town.whistles)
    for unit in CALLED:
        orders: tuple[CallOrder, ...] = (
            Acknowledge(unit=unit),
            Decline(unit=unit, reason="not-our-duty", proposed="cg"),
            Depart(unit=unit),
            Arrive(unit=unit),
            Act(unit=unit, act="closed the valve"),
            Finish(unit=unit),
            Leave(unit=unit, reason="another fire"),
        )
        town.call(whistle, chance.choice(orders))
        town.order(TOWN, whistle, Release(unit=unit))
        town.order(TOWN, whistle, EvaluateUnit(unit, chance.randrange(101)))
        town.order(unit, whistle, RateWhistle(unit, chance.randrange(101)))


def _correct(town: Played, chance: random.Random) -> None:
    stream = chance.choice(town.whistles)
    acts = [t for t in town.told(stream) if isinstance(t.event, Acknowledged | Arrived | Finished)]
    if acts:
        told = chance.choice(acts)
        town.correct(stream, told.seq, at=told.event.at - chance.randrange(HOUR))


def _import(town: Played, chance: random.Random) -> None:
    kinds: list[Kind] = ["whistled", "acknowledged", "arrived", "finished"]
    incident, begun = chance.choice("ABC"), chance.randrange(HOUR)
    units = chance.sample(["E1", "E2", "E3"], 2)
    facts: list[tuple[str, str | None, Kind, Instant]] = [
        (incident, unit, chance.choice(kinds), begun + chance.randrange(HOUR)) for unit in units
    ]
    town.import_facts([(incident, None, "reported", begun), *facts])


def _team(town: Played, chance: random.Random) -> None:
    if not town.teams or chance.random() < 0.2:
        town.teams.append(new_stream())
        given = tuple(
            Contingent(unit=unit, mode=chance.choice(("stationed_team", "on_call")), heads=3)
            for unit in chance.sample(CALLED, 2)
        )
        town.order(TOWN, town.teams[-1], FormTeam(title="夜查", contingents=given))
    team = chance.choice(town.teams)
    for unit in CALLED:
        orders: tuple[Order, ...] = (
            DispatchTeam(whistle=chance.choice(town.whistles)),
            SignIn(unit=unit, heads=chance.randrange(4)),
            CountHeads(missed=(Missed(unit, (), chance.randrange(2)),)),
            RelieveUnit(unit=unit, by=Contingent(unit=unit, mode="on_call", heads=2)),
            LeaveTeam(unit=unit, reason="another fire"),
            EvaluateTeam(nr=1, score=chance.randrange(101)),
            StandDown(reason=chance.choice(("", "", "storm"))),
        )
        town.order(chance.choice((TOWN, unit)), team, chance.choice(orders))


class Until:
    """A log as it was when it had so many events."""

    def __init__(self, log: StoreLog, size: int) -> None:
        self._log = log
        self._size = size

    def size(self) -> int:
        """How many events there were."""
        return self._size

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


def until(log: StoreLog, size: int) -> Log:
    """The log as it was when it had so many events."""
    return cast("Log", Until(log, size))
