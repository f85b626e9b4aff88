"""`whistle show NAME --print`: the sheets of a case, to be printed, signed and filed.

A whistle has its order (吹哨单, which is also its routing slip 流转单), its sign-in sheet for the
scene, a return slip (退单) for each unit that declined and a ruling for each contest; an incident
has its whole file. Each sheet names the last event it was taken from: paper can be checked.
"""

from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import NamedTuple, TypeVar

from projections.desk import times
from projections.desk.answer import Answer
from projections.desk.desk import Desk
from projections.desk.sheet import Cell, facts, grid, heading, page, sheet, signed
from projections.desk.words import (
    CHANNELS,
    CLOCKS,
    DUTIES,
    KINDS,
    STAGES,
    TOPICS,
    language,
    limit_of,
    say,
    word,
)
from whistle.domain.correction import Told, effective
from whistle.domain.incident.events import IncidentReported
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.playbook import ClockName
from whistle.domain.refusal import Refused, _
from whistle.domain.whistle import WHISTLE
from whistle.domain.whistle.events import Declined, WhistleBlown
from whistle.domain.whistle.state import Call, Sounding
from whistle.domain.whistle.told_events import ToldContested, ToldRuled
from whistle.log.placing import or_nothing
from whistle.log.port import Named

SIGNATURES = 3  # empty lines for each unit's people on the scene


_E = TypeVar("_E", bound=Event)


class Filed(NamedTuple):
    """One thing of a case, with what happened to it."""

    named: Named
    told: list[Told]

    def of(self, kind: type[_E]) -> list[_E]:
        """What happened of a kind."""
        return [each.event for each in self.told if isinstance(each.event, kind)]


def printed(desk: Desk, found: Named, case: list[Named], into: Path | None) -> Answer:
    """The sheets of an incident's file or of one whistle, as one HTML file or on standard output.

    Raises Refused when the file is there already, and for what has no paper.
    """
    if found.kind not in ("incident", "whistle"):
        raise Refused(
            _("{name} has no paper; a whistle and an incident have."),
            rule="print.kind",
            hint="whistle show {name}",
            name=found.name or "",
        )
    with desk.reading() as reader:
        files = [Filed(each, effective(reader.stream(each.stream))) for each in case]
    clerk = _Clerk(desk, max(told.seq for each in files for told in each.told))
    if found.kind == "whistle":
        mine = next(each for each in files if each.named.stream == found.stream)
        sheets = list(clerk.of_whistle(mine))
    else:
        sheets = list(clerk.whole_file(files))
    body = page(f"{found.name} {desk.town.name}", language(), sheets)
    return handed_out(body, into, found.name or "", len(sheets))


def handed_out(body: bytes, into: Path | None, name: str, count: int) -> Answer:
    """So many sheets in a new file, or on standard output; Refused when the file is there."""
    if into is None:
        return Answer(data={"name": name, "html": body.decode()}, raw=body)
    try:
        with into.open("xb") as paper, or_nothing(into):
            paper.write(body)
            paper.flush()
    except FileExistsError as error:
        raise Refused(
            _("There is something at {path} already."),
            rule="print.exists",
            hint=_("name a file that does not exist"),
            path=str(into),
        ) from error
    line = say(_("{count} sheets of {name} are in {path}: open it and print."),
               count=count, name=name, path=str(into))  # fmt: skip
    facts_of = {"name": name, "file": str(into), "sheets": count}
    return Answer(data=facts_of, lines=[line], ids=[str(into)])


class _Clerk:
    """Fills the sheets in, as the record stood at one event."""

    def __init__(self, desk: Desk, seq: int) -> None:
        self._desk = desk
        self._seq = seq

    def whole_file(self, files: list[Filed]) -> Iterator[str]:
        """An incident's cover with its history, and every sheet of its whistles."""
        incident = next(each for each in files if each.named.kind == "incident")
        rows: list[tuple[str, object]] = []
        for report in incident.of(IncidentReported):
            rows = [
                (say(_("item")), self._desk.item_name(report.item)),
                (say(_("place")), report.place),
                (say(_("grid")), report.grid),
                (say(_("channel")), word(CHANNELS, report.channel)),
                (say(_("source ticket")), report.source_ticket),
                (say(_("reported")), self._at(report.at)),
                (say(_("note")), report.note),
                (say(_("evidence")), "\n".join(report.evidence)),
            ]
        stage = (say(_("stage")), word(STAGES, incident.named.stage))
        shown = facts([(name, value) for name, value in [stage, *rows] if value])
        history = heading(say(_("What happened"))) + self._history(files)
        yield self._sheet(_("Case file"), incident, shown, history)
        for each in files:
            if each.named.kind == "whistle":
                yield from self.of_whistle(each)

    def of_whistle(self, filed: Filed) -> Iterator[str]:
        """A whistle's order, sign-in sheet, return slips and rulings."""
        blown = filed.of(WhistleBlown)
        state = reduce(WHISTLE.evolve, (each.event for each in filed.told), WHISTLE.start)
        if not isinstance(state, Sounding) or not blown:
            return  # asked for and not blown: there is no paper yet
        yield self._order(filed, blown[0], state)
        yield self._sign_in(filed, state)
        for declined in filed.of(Declined):
            yield self._return_slip(filed, declined)
        for contested in filed.of(ToldContested):
            yield self._ruling(filed, contested)

    def _order(self, filed: Filed, order: WhistleBlown, state: Sounding) -> str:
        playbook = self._desk.playbook
        ground = playbook.grounds.get(order.ground, order.ground) if playbook else order.ground
        particulars = [
            (say(_("incident")), order.incident_name),
            (say(_("kind")), word(KINDS, order.kind)),
            (say(_("item")), self._desk.item_name(state.item)),
            (say(_("place")), state.place),
            (say(_("ground")), ground),
            (say(_("blown")), self._at(order.at)),
            (say(_("approved by")), order.approved_by),
            (say(_("note")), order.note),
        ]
        clocks: tuple[ClockName, ...] = ("ack", "arrive", "feedback", "dispose")
        head: list[Cell] = [
            (say(_("unit")), "name"),
            (say(_("duty")), "slim"),
            (say(_("delivered")), "time"),
            *(word(CLOCKS, name) for name in clocks),
        ]
        rows = [
            [
                self._desk.unit_name(call.unit),
                word(DUTIES, call.duty),
                self._at(call.delivered),
                *(self._clock(call, name) for name in clocks),
            ]
            for call in state.calls.values()
        ]
        return self._sheet(
            _("Whistle order"),
            filed,
            facts([(name, value) for name, value in particulars if value]),
            heading(say(_("Units, limits and answers"))),
            grid(head, rows),
            signed(say(_("Duty officer:")), say(_("Leader:")), say(_("Seal:"))),
        )

    def _clock(self, call: Call, name: ClockName) -> Cell:
        """The limit, when it is due, and what came of it."""
        clock = call.clocks.get(name)
        if clock is None:
            return ""
        due = say(_("by {due}"), due=self._at(clock.started.due))
        told = f"{limit_of(clock.started.limit)}\n{due}"
        if clock.stopped is None:
            return told
        done = f"{told}\n{say(_('done {at}'), at=self._at(clock.stopped))}"
        return (done, "late") if clock.stopped > clock.started.due else done

    def _sign_in(self, filed: Filed, state: Sounding) -> str:
        head: list[Cell] = [
            (say(_("unit")), "name"),
            (say(_("arrived")), "time"),
            *map(say, (_("full name"), _("post"), _("signature"), _("left at"))),
        ]
        rows = [
            [self._desk.unit_name(call.unit), "" if line else self._at(call.arrived), *[""] * 4]
            for call in state.calls.values()
            for line in range(SIGNATURES)
        ]
        place = facts([(say(_("place")), state.place)])
        table = grid(head, rows, blank=True)
        count = signed(say(_("Head count:")), say(_("Commander on the scene:")))
        return self._sheet(_("Sign-in on the scene"), filed, place, table, count)

    def _return_slip(self, filed: Filed, event: Declined) -> str:
        playbook = self._desk.playbook
        reasons = playbook.decline_reasons if playbook else {}
        particulars = [
            (say(_("unit")), self._desk.unit_name(event.unit)),
            (say(_("declined")), self._at(event.at)),
            (say(_("reason")), reasons.get(event.reason, event.reason)),
            (say(_("proposed instead")), self._desk.unit_name(event.proposed)
             if event.proposed else ""),
            (say(_("note")), event.note),
            (say(_("The town office's answer")), "\n\n\n"),
        ]  # fmt: skip
        ends = signed(say(_("For the unit:")), say(_("For the town office:")))
        return self._sheet(_("Return slip"), filed, facts(particulars), ends)

    def _ruling(self, filed: Filed, event: ToldContested) -> str:
        rulings = filed.of(ToldRuled)
        ruling = next((each for each in rulings if each.acts == event.acts), None)
        stated = self._at(event.stated) if event.stated is not None else ""
        particulars: list[tuple[str, object]] = [
            (say(_("unit")), self._desk.unit_name(event.unit)),
            (say(_("about events")), " ".join(f"#{seq}" for seq in event.acts)),
            (say(_("contested")), self._at(event.at)),
            (say(_("reason")), event.reason),
            (say(_("it was, by who contests")), stated),
        ]
        if ruling is not None:
            counts = _("the receipt, as it was typed")
            particulars += [
                (say(_("ruled")), self._at(ruling.at)),
                (say(_("ruled by")), ruling.by_person),
                (say(_("what counts")),
                 self._at(ruling.counts) if ruling.counts is not None else say(counts)),
                (say(_("reason")), ruling.reason),
            ]  # fmt: skip
        else:
            particulars.append((say(_("Ruling")), "\n\n\n"))
        ends = signed(say(_("Leader:")), say(_("For the unit:")))
        return self._sheet(_("Ruling"), filed, facts(particulars), ends)

    def _history(self, files: list[Filed]) -> str:
        told = sorted((each for filed in files for each in filed.told), key=lambda each: each.seq)
        rows = []
        for each in told:
            unit = getattr(each.event, "unit", "")
            rows.append(
                [
                    f"#{each.seq}",
                    self._at(each.event.at),
                    self._desk.unit_name(unit) if unit else "",
                    word(TOPICS, each.event.topic),
                    str(getattr(each.event, "note", "") or getattr(each.event, "reason", "")),
                ]
            )
        head = (
            ("#", "slim"),
            (say(_("when")), "time"),
            (say(_("unit")), "name"),
            (say(_("what")), "name"),
            say(_("note")),
        )
        return grid(head, rows)

    def _sheet(self, title: str, filed: Filed, *parts: str) -> str:
        town = self._desk.town
        foot = say(
            _("{town}. Taken from the record up to event {seq}, printed {at}."),
            town=town.name,
            seq=self._seq,
            at=self._at(self._desk.received_at),
        )
        banner = say(_("DEMO STORE: a made-up town; nothing here is real.")) if town.demo else ""
        return sheet(say(title), filed.named.name or "", *parts, foot=foot, banner=banner)

    def _at(self, at: Instant | None) -> str:
        return times.shown(at, self._desk.zone) if at is not None else ""
