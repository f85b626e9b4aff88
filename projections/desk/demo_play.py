"""Playing the demo's day: every act goes through the engine's door, by a clock that is set."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from projections.desk.demo_day import DATE, PHONE, Step, instant, steps
from projections.desk.desk import Desk
from projections.desk.words import say
from whistle import playbooks
from whistle.domain.correction import Correct
from whistle.domain.incident import IncidentOrder
from whistle.domain.incident.intake import ReportIncident
from whistle.domain.message import Order
from whistle.domain.moment import MINUTE, Instant
from whistle.domain.surroundings import Actor
from whistle.domain.whistle.issue import BlowWhistle
from whistle.engine import Asked, Given, new_stream
from whistle.engine.asked import command_id, digest

TICK: Instant = 5 * MINUTE  # how often the clock is heard while nobody acts


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self, at: Instant) -> None:
        self.at = at

    def __call__(self) -> Instant:
        """The instant it is set to."""
        return self.at


class Play:
    """The day under way at one desk."""

    def __init__(self, desk: Desk, clock: SetClock) -> None:
        self._desk = desk
        self._clock = clock
        self._streams: dict[str, str] = {}  # incident:gas, whistle:gas, whistle:pipe/2
        self._last: dict[str, int] = {}  # stream -> seq of the last event an act recorded in it

    def day(self) -> Iterator[str]:
        """Play every step in turn; a line for each that is worth telling."""
        names = {unit.code: unit.name for unit in self._desk.units.values()}
        for step in steps():
            self.wait_until(instant(step.at))
            if step.orders:
                self._do(step)
            if step.told:
                yield f"  {step.at}  {say(step.told, **names)}"

    def wait_until(self, at: Instant) -> None:
        """Let time pass; the clocks of the whistles are heard meanwhile."""
        while self._clock.at < at:
            self._clock.at = min(self._clock.at + TICK, at)
            self._desk.engine.tick()

    def _do(self, step: Step) -> None:
        desk = self._desk
        given = [self._given(step, order) for order in step.orders]
        reply = desk.engine.obey(
            Asked(
                verb="demo",
                orders=tuple(given),
                actor=self._actor(step),
                received_at=self._clock.at,
                command_id=command_id(desk.log.identity.store_id, step.who, None),
                command_digest=digest(("demo", DATE, step.at, step.who, step.about)),
                name=step.about,
                happened_at=instant(step.happened) if step.happened else None,
                happened_why=say(PHONE) if step.happened else None,
            )
        )
        self._last[given[-1].stream] = reply.events[-1].seq

    def _actor(self, step: Step) -> Actor:
        unit, _slash, person = step.who.partition("/")
        role = self._desk.units[unit].persons.get(person, "")
        return Actor(unit=unit, person=person, role=role, behalf=step.behalf)

    def _given(self, step: Step, order: Order) -> Given:
        """The order with what only the day knows, and the stream it is for."""
        incident = self._stream("incident", step.about.partition("/")[0])
        whistle = self._stream("whistle", step.about)
        match order:
            case ReportIncident():
                return Given(incident, replace(order, **self._reported[step.about]))
            case BlowWhistle():
                return Given(whistle, replace(order, incident=incident))
            case Correct():  # of what was recorded there last
                return Given(whistle, replace(order, seq=self._last[whistle]))
            case _:
                return Given(incident if isinstance(order, IncidentOrder) else whistle, order)

    def _stream(self, kind: str, name: str) -> str:
        return self._streams.setdefault(f"{kind}:{name}", new_stream())

    @cached_property
    def _reported(self) -> Mapping[str, Any]:
        return tomllib.loads(playbooks.text("demo_incidents.toml"))
