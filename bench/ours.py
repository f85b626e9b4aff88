"""Whistle as a contestant: the workload's orders through the one door, `Engine.obey`.

`whistle` has the shipped playbook: clocks, warnings, breaches, the ladder, policies, register.
`whistle-plain` has a playbook that sets no limit, so that an order comes to little more than the
one event it does for the peers; all of the log (leaf, tree, reply, register) is there as ever.
"""

import hashlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import msgspec

from bench.stored import stored
from bench.workload import UNITS, Act, Line
from whistle import playbooks
from whistle.calendar_file import read_calendar
from whistle.domain.incident.intake import AcceptIncident, ReportIncident
from whistle.domain.message import Order
from whistle.domain.moment import SECOND, Instant
from whistle.domain.playbook import Item, KindRules, Ladder, Playbook
from whistle.domain.rulebook import STREAM as RULEBOOK
from whistle.domain.rulebook import AdoptCalendar, AdoptPlaybook, FoundTown
from whistle.domain.surroundings import Actor
from whistle.domain.unit import AddPerson, RegisterUnit
from whistle.domain.whistle.call import Acknowledge, Arrive, Finish
from whistle.domain.whistle.closing import EvaluateUnit
from whistle.domain.whistle.events import Acknowledged, Arrived, Finished, WhistleBlown
from whistle.domain.whistle.issue import BlowWhistle
from whistle.engine import Asked, Engine, Given
from whistle.engine.reply import Reply
from whistle.engine.together import Together
from whistle.log.sqlite import SQLiteLog, create
from whistle.log.store_log import StoreLog
from whistle.playbook_file import digest_of, read_playbook

TOWN = Actor(unit="TZ", person="duty-officer")
ITEM = "gas-leak"
ACTED = {Acknowledged: 0, Arrived: 1, Finished: 2}


def plain() -> Playbook:
    """A playbook without one limit."""
    gas = Item(code=ITEM, name=ITEM, english=ITEM, kind="emergency", lead=UNITS[0])
    made = Playbook(
        name="plain",
        version="1",
        slots=((480, 1080),),
        reading="next-day",
        grounds={"no-power": "no-power"},
        decline_reasons={},
        refuse_categories={},
        kinds={"emergency": KindRules(name="emergency", approval="afterwards")},
        items={ITEM: gas},
        ladder=Ladder(warn_percent=0),
    )
    return msgspec.structs.replace(made, digest=digest_of(made))


class Ours:
    """One store and the engine on it."""

    def __init__(self, folder: Path, *, limits: bool, together: bool = False) -> None:
        self.path = folder / "town.db"
        fresh = not self.path.exists()
        if fresh:
            create(self.path)
        self._now: Instant = 0
        self._commands = count()
        self._streams = dict[int, tuple[str, str]]()
        self.log: StoreLog = SQLiteLog(self.path, lambda: self._now)
        self.engine = Engine(self.log, lambda: self._now)
        self.together = Together(self.engine) if together else None
        if fresh:
            self._found(limits=limits)

    def _found(self, *, limits: bool) -> None:
        playbook = read_playbook(playbooks.text("default.toml")) if limits else plain()
        calendar = read_calendar(playbooks.text("calendar_cn.toml"))
        orders: list[tuple[str, Order]] = [
            (RULEBOOK, FoundTown(name="Benchtown", code="BT")),
            (RULEBOOK, AdoptPlaybook(playbook=playbook)),
            (RULEBOOK, AdoptCalendar(calendar=calendar)),
            ("unit-TZ", RegisterUnit(code="TZ", name="TZ", type="TZ", commander=True)),
            ("unit-TZ", AddPerson(unit="TZ", person="duty-officer", role="leader")),
        ]
        orders += [
            (f"unit-{unit}", RegisterUnit(code=unit, name=unit, type=unit)) for unit in UNITS
        ]
        self._obey("init", orders, TOWN, 1_700_000_000 * SECOND)

    def _obey(self, verb: str, orders: list[tuple[str, Order]], actor: Actor, at: Instant) -> Reply:
        self._now = max(self._now, at)
        key = hashlib.blake2b(next(self._commands).to_bytes(8, "big"), digest_size=16).digest()
        asked = Asked(
            verb=verb,
            orders=tuple(Given(*each) for each in orders),
            actor=actor,
            received_at=at,
            command_id=key,
            command_digest=hashlib.sha256(key).digest(),
        )
        return (self.together or self.engine).obey(asked)

    def order(self, act: Act) -> int:
        """Obey one order of the workload; how many events it came to."""
        orders, actor = self._meant(act)
        return len(self._obey(act.verb, orders, actor, act.at_s * SECOND).events)

    def _meant(self, act: Act) -> tuple[list[tuple[str, Order]], Actor]:
        incident, whistle = f"{act.whistle:024x}", f"{act.whistle | 1 << 64:024x}"
        unit = Actor(unit=act.unit, person=act.body["by"])
        match act.verb:
            case "blow":
                lead, *assists = act.body["units"]
                blow = BlowWhistle(incident=incident, lead=lead, assists=tuple(assists))
                report = ReportIncident(item=ITEM, place=act.body["place"])
                return [(incident, report), (incident, AcceptIncident()), (whistle, blow)], TOWN
            case "ack":
                return [(whistle, Acknowledge(unit=act.unit))], unit
            case "arrive":
                return [(whistle, Arrive(unit=act.unit))], unit
            case "finish":
                return [(whistle, Finish(unit=act.unit, note=act.body["result"]))], unit
            case _:
                scores = act.body["scores"].items()
                return [(whistle, EvaluateUnit(unit=u, score=20 * s)) for u, s in scores], TOWN

    def ledger(self) -> list[Line]:
        """The answer, from the stored events alone."""
        return list(ledger_of(self.log))

    def bytes(self) -> int:
        """The size of the store, with all that stands in its log."""
        return stored(self.path)

    def close(self) -> None:
        """Let go of the store."""
        self.log.close()


def ledger_of(log: StoreLog) -> Iterator[Line]:
    """The answer, from the stored events of a log."""
    begun, told, at = dict[str, Instant](), dict[tuple[str, str], list[int | None]](), 0
    while page := log.page(at, 5_000):
        at = page[-1].seq
        for each in page:
            match each.event:
                case WhistleBlown(at=blown, summons=summons):
                    begun[each.stream] = blown
                    told.update({(each.stream, s.unit): [None, None, None] for s in summons})
                case Acknowledged(unit=unit) | Arrived(unit=unit) | Finished(unit=unit) as event:
                    after = (event.at - begun[each.stream]) // SECOND
                    told[each.stream, unit][ACTED[type(event)]] = after
    for (stream, unit), (ack, arrive, finish) in told.items():
        yield Line(int(stream, 16) & (1 << 64) - 1, unit, ack, arrive, finish)
