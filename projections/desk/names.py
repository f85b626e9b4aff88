"""Finding what a person names: a full name, its number alone, or the only candidate there is.

Plain SQL on the log's own small tables; no view is needed to act.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import click
import msgspec

from projections.desk.desk import Desk
from projections.desk.words import fault, folded, say
from whistle.domain.playbook import Playbook
from whistle.domain.refusal import NotFound, _
from whistle.log.port import Named, Reader
from whistle.log.rows import Recorded

T = TypeVar("T")
_LETTERS = {"I": "incident", "W": "whistle", "T": "team", "P": "patrol"}
_WHAT = {
    "incident": _("an incident"),
    "whistle": _("a whistle"),
    "call": _("a call"),
    "team": _("a team"),
    "patrol": _("a patrol"),
}
_BARE = {
    "incident": _("incident"),
    "whistle": _("whistle"),
    "team": _("team"),
    "patrol": _("patrol"),
}
_NONE = {
    "incident": _("No incident waits for this. Name one: whistle {verb} 42"),
    "whistle": _("No whistle waits for this. Name one: whistle {verb} 42"),
    "team": _("No team waits for this. See which there are: whistle team list"),
    "patrol": _("No patrol of {unit} waits for this. See which there are: whistle patrol list"),
    "call": _("No call of {unit} waits for this. Name one, or another unit with --as."),
}
NAME_MAX = 18  # digits that fit a 64-bit integer; full names are shorter
_FULL = r"([A-Za-z])-[A-Za-z0-9]+-\d{5,}"


class CallNamed(msgspec.Struct, frozen=True):
    """One unit's call of a whistle."""

    whistle: Named
    unit: str

    @property
    def name(self) -> str:
        """The call's name, e.g. W-WY26-00019/U03."""
        return f"{self.whistle.name}/{self.unit}"


def find(reader: Reader, kind: str, text: str) -> Named:
    """The incident or whistle that a text names; NotFound, or a usage error if it is unclear."""
    wanted = folded(text).upper()
    if (full := re.fullmatch(_FULL, wanted)) and _LETTERS.get(full[1], kind) != kind:
        raise click.UsageError(
            say(
                _("{name} is {found}; this verb takes {wanted}."),
                name=wanted,
                found=say(_WHAT[_LETTERS[full[1]]]),
                wanted=say(_WHAT[kind]),
            )
        )
    found = named(reader, kind, wanted)
    if not found:
        raise NotFound(
            _("There is no {kind_name} {name}."),
            hint="whistle status",
            kind_name=say(_BARE[kind]),
            name=text,
        )
    return only(found)


def of_event(reader: Reader, each: Recorded) -> str:
    """The name of what an event happened to; of a call, with its unit."""
    named = reader.of_stream(each.stream)
    name, unit = (named.name if named else None) or "", getattr(each.event, "unit", "")
    return f"{name}/{unit}" if name and unit else name


def is_name(text: str) -> bool:
    """Whether a text reads as the name of a thing, so that it cannot be meant as a word."""
    name = folded(text).partition("/")[0]
    return name.isdecimal() or re.fullmatch(_FULL, name) is not None


def named(reader: Reader, kind: str, wanted: str) -> list[Named]:
    """What a full name or a number stands for; a number that no store can hold, for nothing."""
    return reader.named(kind, wanted) if len(wanted) <= NAME_MAX else []


def only(found: Sequence[Named]) -> Named:
    """The only candidate there is; a usage error when there are more."""
    if len(found) > 1:
        names = ", ".join(each.name or "" for each in found)
        raise click.UsageError(which(names, found[0].name or ""))
    return found[0]


def which(names: str, one: str) -> str:
    """The question which of several is meant, with a line to type for one of them."""
    text = _("Say which one you mean: {names}. For example: {line}")
    return say(text, names=names, line=f"{_typed()} {one}")


def _typed() -> str:
    """The verb of this run as it was typed, in either language."""
    return click.get_current_context().command_path


def _each(texts: Sequence[str], look: Callable[[str], T]) -> list[T]:
    """What each text names; when several name nothing, each of them is explained."""
    found, lost = [], []
    for text in texts:
        try:
            found.append(look(text))
        except NotFound as error:
            lost.append(error)
    if len(lost) > 1:
        told = "\n".join(fault(error)[0] for error in lost)
        raise NotFound(_("{faults}"), hint=lost[0].hint, faults=told) from lost[0]
    if lost:
        raise lost[0]
    return found


def incidents(desk: Desk, texts: Sequence[str], stages: Sequence[str], verb: str) -> list[Named]:
    """The incidents that a verb is for; with none named, the only one at a fitting stage."""
    if not texts:
        return [one(desk, "incident", None, stages, verb)]
    with desk.reading() as reader:
        return _each(texts, lambda text: find(reader, "incident", text))


def one(desk: Desk, kind: str, text: str | None, stages: Sequence[str], verb: str) -> Named:
    """The thing of a kind that a verb is for; with none named, the only one at a fitting stage."""
    with desk.reading() as reader:
        if text is not None:
            return find(reader, kind, text)
        waiting = reader.waiting(kind, stages)
    if not waiting:
        unit = desk.unit_name(desk.actor.speaks_for)
        raise click.UsageError(say(_NONE[kind], verb=verb, unit=unit))
    return only(waiting)


def calls(desk: Desk, texts: Sequence[str], stages: Sequence[str]) -> list[CallNamed]:
    """The calls that a verb is for: the speaker's own, unless the name says which unit."""
    unit = desk.actor.speaks_for
    with desk.reading() as reader:
        if texts:
            return _each(texts, lambda text: _call(desk, reader, text, unit))
        open_calls = reader.calls(unit, stages)
    if not open_calls:
        raise click.UsageError(say(_NONE["call"], unit=desk.unit_name(unit)))
    return [CallNamed(only(open_calls), unit)]


def patrol(desk: Desk, text: str, stages: Sequence[str]) -> Named:
    """The patrol that is named; else the only one of the speaker's at a fitting stage."""
    unit = desk.actor.speaks_for
    with desk.reading() as reader:
        if text:
            return find(reader, "patrol", text)
        waiting = reader.calls(unit, stages)
    if not waiting:
        raise click.UsageError(say(_NONE["patrol"], unit=desk.unit_name(unit)))
    return only(waiting)


def _call(desk: Desk, reader: Reader, text: str, speaker: str) -> CallNamed:
    name, slash, unit_text = folded(text).partition("/")
    whistle = find(reader, "whistle", name)
    if slash:
        return call_of(desk, reader, whistle, desk.unit(unit_text).code)
    if desk.units[speaker].commander:
        called = reader.called(whistle.stream)
        option = say(_("--behalf"))
        raise click.UsageError(
            say(
                _("{name} calls {units}: say for which unit. For example: {line}"),
                name=whistle.name,
                units=", ".join(f"{unit} {desk.unit_name(unit)}" for unit in called),
                line=f"{_typed()} {whistle.name} {option} {next(iter(called))}",
            )
        )
    return call_of(desk, reader, whistle, speaker)


def call_of(
    desk: Desk, reader: Reader, whistle: Named, unit: str, hint: str = "whistle inbox"
) -> CallNamed:
    """A unit's call of a whistle; NotFound names the units that it calls."""
    called = reader.called(whistle.stream)
    if unit not in called:
        raise NotFound(
            _("{name} does not call {unit}; it calls {units}."),
            hint=hint,
            name=whistle.name,
            unit=desk.unit_name(unit),
            units=", ".join(f"{each} {desk.unit_name(each)}" for each in called),
        )
    return CallNamed(whistle, unit)


def town_calls(desk: Desk, texts: Sequence[str], stages: Sequence[str]) -> list[CallNamed]:
    """The calls that the town office means: of a whistle, every unit at a fitting stage."""
    found: list[CallNamed] = []
    with desk.reading() as reader:
        for text in texts:
            name, slash, unit_text = folded(text).partition("/")
            whistle = find(reader, "whistle", name)
            called = reader.called(whistle.stream)
            if slash:
                unit = desk.unit(unit_text).code
                found.append(CallNamed(whistle, unit))
                continue
            fitting = [unit for unit, stage in called.items() if stage in stages]
            found.extend(CallNamed(whistle, unit) for unit in fitting or called)
    return found


def code_meant(desk: Desk, of: Callable[[Playbook], Mapping[str, str]], text: str) -> str:
    """The code of one of the playbook's lists that a person means by it or by its Chinese text.

    A part of the text is enough when only one has it; what is none of them goes on as it was typed,
    and the rules refuse it with the whole list.
    """
    wanted = folded(text)
    if not wanted or desk.playbook is None:
        return wanted
    texts = of(desk.playbook)
    if wanted in texts:
        return wanted
    exact = [code for code, told in texts.items() if folded(told) == wanted]
    near = exact or [code for code, told in texts.items() if wanted in folded(told)]
    return near[0] if len(near) == 1 else wanted
