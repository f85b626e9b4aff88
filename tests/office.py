"""A town office with a store of its own and a clock that a test sets: orders in, events on disk."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests import places
from tests.places import tool_for
from tests.town import CALENDAR, PLAYBOOK, TOWN, UNITS, actor, at
from whistle.domain.incident.intake import AcceptIncident, ReportIncident
from whistle.domain.message import Order
from whistle.domain.moment import Instant
from whistle.domain.rulebook import AdoptCalendar, AdoptPlaybook, FoundTown
from whistle.domain.unit import AddPerson, RegisterUnit
from whistle.domain.whistle.issue import BlowWhistle
from whistle.engine import Asked, Engine, Given, Reply
from whistle.engine.asked import command_id, digest
from whistle.log import stores
from whistle.log.rows import Recorded


class Clock:
    """A clock that stands where it was put; every reading of it is counted."""

    def __init__(self, now: Instant) -> None:
        self.now = now
        self.read = 0

    def __call__(self) -> Instant:
        self.read += 1
        return self.now


class Office:
    """One store, opened: a file, or a database by its address."""

    def __init__(self, place: Path | str, now: Instant | None = None) -> None:
        self.address = place if isinstance(place, str) else places.address(place)
        self.clock = Clock(at("08:00") if now is None else now)
        self.log = stores.open_log(self.address, self.clock)
        self.engine = Engine(self.log, self.clock)

    def asked(self, *orders: tuple[str, Order], by: str = TOWN, **how: Any) -> Asked:
        """An act as the command line would hand it over, received when the clock stands."""
        key: str | None = how.pop("key", None)
        words: list[str] = how.pop("words", [type(order).__name__ for _stream, order in orders])
        how.setdefault("received_at", self.clock.now)
        return Asked(
            verb="act",
            orders=tuple(Given(*each) for each in orders),
            actor=actor(by),
            command_id=command_id(self.log.identity.store_id, actor(by).unit, key),
            command_digest=digest(words),
            **how,
        )

    def ask(self, *orders: tuple[str, Order], by: str = TOWN, **how: Any) -> Reply:
        """Have the engine obey."""
        return self.engine.obey(self.asked(*orders, by=by, **how))

    def found(self) -> None:
        """Found the town with its rules and its units."""
        self.ask(
            ("rulebook", FoundTown(name="泽安镇", code="WY")),
            ("rulebook", AdoptPlaybook(playbook=PLAYBOOK)),
            ("rulebook", AdoptCalendar(calendar=CALENDAR)),
        )
        for code, unit in UNITS.items():
            entered = RegisterUnit(
                code=code,
                name=unit.name,
                type=unit.type,
                aliases=unit.aliases,
                initials=unit.initials,
                commander=unit.commander,
            )
            persons = [
                (f"unit-{code}", AddPerson(unit=code, person=person, role=role))  # type: ignore[arg-type]  # the town of the tests names real roles
                for person, role in unit.persons.items()
            ]
            self.ask((f"unit-{code}", entered), *persons)

    def report(self, stream: str = "i1", item: str = "gas-leak") -> Reply:
        """Report an incident and accept it."""
        order = ReportIncident(item=item, place="草桥路12号")
        return self.ask((stream, order), (stream, AcceptIncident()))

    def blow(self, stream: str = "w1", incident: str = "i1") -> Reply:
        """Report an incident and blow a whistle for it, at the gas company and the fire station."""
        self.report(incident)
        return self.ask((stream, BlowWhistle(incident=incident)))

    def told(self, after: int = 0) -> list[Recorded]:
        """Everything on record."""
        return self.log.page(after, 10_000)

    def topics(self, after: int = 0) -> list[str]:
        """The topics on record, in order."""
        return [each.topic for each in self.told(after)]

    @property
    def path(self) -> Path:
        """The file of an embedded store."""
        assert self.log.path is not None
        return self.log.path

    @contextmanager
    def behind(self) -> Iterator[Any]:
        """Somebody with a database tool, past every guard but the triggers."""
        with closing(tool_for(self.address)) as tool:
            yield tool

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What such a tool reads."""
        with self.behind() as tool:
            found: list[tuple[Any, ...]] = tool.execute(statement, values).fetchall()
        return found

    def close(self) -> None:
        """Let go of the store."""
        self.log.close()


def untie(tool: Any) -> None:
    """Drop every trigger, as an insider could."""
    if isinstance(tool, sqlite3.Connection):
        names = tool.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            tool.execute(f"DROP TRIGGER {name}")
    else:
        tool.execute("DROP FUNCTION whistle_stays(), whistle_grows() CASCADE")


GUARD_SPOKE = (sqlite3.IntegrityError, psycopg.errors.RaiseException)
"""What the tool is told by a trigger of the record."""
