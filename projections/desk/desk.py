"""The desk: one run of the program, with its store, its engine and who sits at it.

Everything is opened when it is first needed, so that help and usage errors cost nothing.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from typing import Any

import click
import msgspec

from projections.desk import times
from projections.desk.answer import Answer, Diagnostic
from projections.desk.banners import banners
from projections.desk.words import folded as folded
from projections.desk.words import say, speak
from whistle import clock, codec, operating, settings
from whistle.domain import moment
from whistle.domain.clock_anomaly import STREAM as CLOCK
from whistle.domain.moment import Instant
from whistle.domain.playbook import Playbook
from whistle.domain.refusal import NotFound, Refused, WhistleError, _
from whistle.domain.rulebook import TownFounded
from whistle.domain.surroundings import Actor, UnitEntry, meant
from whistle.engine import Asked, Engine, Given, Reply
from whistle.engine.asked import command_id, digest
from whistle.log import stores
from whistle.log.port import Reader
from whistle.log.store_log import StoreLog

_MOMENTS = ("at", "earliest", "latest")  # words of a refusal that are instants in RFC 3339


class Desk:
    """One run of the program."""

    def __init__(
        self,
        options: Mapping[str, Any],
        words: Sequence[str] = (),
        now: Callable[[], Instant] = clock.now,
    ) -> None:
        self.options = options
        self.words = words  # the command as it was typed
        self.own_clock = self.now = now
        self.received_at = now()
        self.settings = settings.load(options.get("profile"))
        self._speak()
        self.zone = times.zone(options.get("tz"))
        self.diagnostics: list[Diagnostic] = []

    def _speak(self) -> None:
        """Speak the profile's language, unless this run was asked for another."""
        asked = self.options.get("lang") or os.environ.get("WHISTLE_LANG")
        if self.settings.language and not asked:
            speak(self.settings.language)

    @property
    def address(self) -> str:
        """The store's address."""
        return self.options.get("store") or self.settings.store

    @cached_property
    def log(self) -> StoreLog:
        """The store's log; NotFound when there is none."""
        log = stores.open_log(self.address, self.own_clock)
        self.go_by(log)
        return log

    def go_by(self, log: StoreLog) -> None:
        """Take the instant that counts from a store's clock, if it has one of its own."""
        if log.clock is not self.own_clock:
            self.now, self.received_at = log.clock, log.clock()

    @property
    def telling(self) -> operating.Telling | None:
        """How operators are told what happens, if they asked for it."""
        form = self.options.get("log_format")
        return operating.asked(level=self.options.get("log_level"), form=form)

    @cached_property
    def engine(self) -> Engine:
        """The door for orders."""
        return Engine(self.log, self.now, operating.watcher(self.telling))

    @cached_property
    def town(self) -> TownFounded:
        """The town whose record this is; what must be known of it is told beside every answer."""
        with self.log.reading() as reader:
            founded = reader.adopted("town")
            server_clock = reader.of_stream(CLOCK)
        if founded is None:
            raise NotFound(
                _("The store at {path} holds no town yet."),
                hint=_("set up a town: whistle setup; or look at one: whistle demo"),
                path=self.log.place,
            )
        town = codec.read(msgspec.json.Decoder(TownFounded), founded[1])
        doubted = server_clock is not None and server_clock.stage == "doubted"
        self.diagnostics += banners(town, self.log.identity, doubted=doubted)
        return town

    def check_town(self) -> TownFounded:
        """As `town`, for a verb that asks only whether there is one, before it does its own."""
        return self.town

    @cached_property
    def units(self) -> Mapping[str, UnitEntry]:
        """The unit register."""
        with self.log.reading() as reader:
            return reader.units()

    def unit(self, text: str) -> UnitEntry:
        """The unit a person means; NotFound names the nearest ones."""
        wanted = folded(text)
        if (unit := meant(self.units, wanted)) is not None:
            return unit
        from projections.desk.nearest import near_unit

        near = near_unit(wanted, self.units.values())
        told = _("No unit is called {unit}. {near}") if near else _("No unit is called {unit}.")
        raise NotFound(told, hint="whistle org unit list", unit=text, near=near)

    @cached_property
    def actor(self) -> Actor:
        """Who types: --as UNIT/PERSON, else the profile's, else the town office itself."""
        speaker = self.options.get("speaker") or self.settings.speaker
        unit_text, _slash, person = speaker.partition("/")
        if unit_text:
            unit = self.unit(unit_text)
        else:
            self.check_town()  # without one there is no town office to be
            unit = next(each for each in self.units.values() if each.commander)
        role = unit.persons.get(person, "")
        behalf = self.options.get("behalf")
        if not behalf and (self.options.get("mouth") or self.options.get("spoke")):
            raise click.UsageError(say(_("Say for whom it is told: --behalf UNIT.")))
        return Actor(
            unit=unit.code,
            person=person,
            role=role,
            behalf=self.unit(behalf).code if behalf else "",
            mouth=self.options.get("mouth") or "",
            speaker=folded(self.options.get("spoke") or ""),
        )

    @property
    def claimed_at(self) -> Instant | None:
        """When it happened, by who types (--at)."""
        at = self.options.get("at")
        return times.claimed(at, self.received_at, self.zone) if at is not None else None

    @property
    def note(self) -> str:
        """The words given with -m."""
        return self.options.get("note") or ""

    def unit_code(self, code: str) -> str:
        """A unit's code; the town office's for a duty that is its own."""
        return code or next((unit.code for unit in self.units.values() if unit.commander), "")

    def unit_name(self, code: str) -> str:
        """A unit's name for people; the town office for a duty that is its own."""
        code = self.unit_code(code)
        return self.units[code].name if code in self.units else code

    @cached_property
    def playbook(self) -> Playbook | None:
        """The playbook in force."""
        with self.log.reading() as reader:
            adopted = reader.adopted("playbook")
        return codec.read(msgspec.json.Decoder(Playbook), adopted[1]) if adopted else None

    def item_name(self, code: str) -> str:
        """An item's name for people, or its code when the playbook has it no more."""
        item = self.playbook.items.get(code) if self.playbook else None
        return item.name if item else code

    def ask(
        self,
        verb: str,
        orders: Sequence[Given],
        *,
        name: str = "",
        part: int | None = None,
    ) -> Reply:
        """Have the engine obey; what the clock owed elsewhere is recorded first.

        A command that names several things gives each but the last its number as `part`.
        """
        options = self.options
        self.check_town()
        if not options.get("dry_run"):
            self.hear()
        return self._obeyed(
            Asked(
                verb=verb,
                orders=tuple(orders),
                actor=self.actor,
                received_at=self.received_at,
                command_id=self._command_id(part),
                command_digest=digest(self.words),
                name=name,
                happened_at=self.claimed_at,
                happened_why=options.get("why"),
                expect=options.get("expect"),
                dry_run=bool(options.get("dry_run")),
            )
        )

    def _obeyed(self, asked: Asked) -> Reply:
        """The engine's reply; an item that the catalogue lacks is answered by near ones."""
        try:
            return self._timed(asked)
        except NotFound as error:
            item = error.words.get("item")
            if not isinstance(item, str) or self.playbook is None:
                raise
            from projections.desk.nearest import near_item

            if not (near := near_item(item, self.playbook)):
                raise
            text = _("The catalogue has no item called {item}. {near}")
            raise NotFound(text, hint=error.hint, item=item, near=near) from error

    def _timed(self, asked: Asked) -> Reply:
        """The engine's reply; what times a refusal names are told on this desk's clock."""
        try:
            return self.engine.obey(asked)
        except Refused as error:
            error.words = {name: self._told(name, word) for name, word in error.words.items()}
            raise

    def _told(self, name: str, word: object) -> object:
        if name not in _MOMENTS or not isinstance(word, str):
            return word
        return times.shown(moment.parse(word), self.zone, self.received_at)

    def hear(self) -> list[int]:
        """Let the clocks speak; what fell due while nobody looked is told beside the answer.

        The seqs of what they recorded.
        """
        if recorded := self.engine.tick():
            from projections.desk.overslept import told

            self.diagnostics.extend(told(self, recorded))
        return recorded

    def _command_id(self, part: int | None) -> bytes:
        """The id of a command, or of a part before the last one of it."""
        key = self.options.get("key")
        keyed = f"{key}#{'end' if part is None else part}" if key else None
        return command_id(self.log.identity.store_id, self.actor.unit, keyed)

    def repeated(self) -> list[Reply]:
        """The replies to an earlier command with this --key; none if it is new or broke off.

        Asked before any name is looked up: what the command named may have moved on since.
        """
        found: list[Reply] = []
        while (reply := self._replied(len(found))) is not None:
            found.append(reply)
        last = self._replied(None)
        return [*found, last] if last is not None else []

    def _replied(self, part: int | None) -> Reply | None:
        return self.engine.repeated(self._command_id(part), digest(self.words))

    def not_rehearsed(self) -> None:
        """A verb that writes more than orders has no rehearsal and says so."""
        if self.options.get("dry_run"):
            raise click.NoSuchOption("--dry-run", ctx=click.get_current_context())

    def reading(self) -> AbstractContextManager[Reader]:
        """A consistent read of the log's own tables."""
        return self.log.reading()

    def close(self) -> None:
        """Let go of the store, if it was opened."""
        if "log" in vars(self):
            self.log.close()

    def finish(self, answer: Answer) -> Answer:
        """The answer with what the desk has to say beside it; whoever opened a demo is told so."""
        if "log" in vars(self):
            with suppress(WhistleError, msgspec.MsgspecError):  # no town, or a damaged record of it
                self.check_town()
        ours = [each for each in self.diagnostics if each not in answer.diagnostics]
        answer.diagnostics = [*answer.diagnostics, *ours]
        return answer


pass_desk = click.make_pass_decorator(Desk)
"""Gives a verb its desk."""
