"""What may come next on a command line: verbs, options, and live names that are legal for the verb.

Asked by the shells' scripts at every Tab: silent where there is no store, and no view is opened.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import click

from projections.desk.fitting import FITTING
from projections.desk.hoist import CHINESE, WITH_VALUE
from projections.desk.nouns import Root
from projections.desk.words import folded

OPEN = ("reported", "accepted", "in_hand", "verified", "called_back")
SOUNDING = ("called", "acknowledged", "on_way", "on_scene", "finished")
UNITS = frozenset({"unit", "lead", "assist", "propose", "speaker", "behalf", "who", "company"})
LISTS = {"reason": "decline_reasons", "category": "refuse_categories", "ground": "grounds"}
LAST = {
    "verify": ("pass", "fail", "通过", "不通过"),
    "callback": ("satisfied", "fairly", "dissatisfied", "unreached", "满意", "基本满意", "不满意"),
}


class Asked(NamedTuple):
    """Where the cursor stands: the verb, its command, the parameter, what is typed of it."""

    verb: str
    command: click.Command
    parameter: click.Parameter | None
    typed: str
    named: tuple[str, ...] = ()  # the arguments before it


def candidates(root: Root, words: Sequence[str], typed: str, live: "Live") -> list[str]:
    """The words that may stand where `typed` is, after these words; the best first."""
    spot = _spot(root, words, typed)
    if spot.parameter is not None:
        found = _values(spot, live)
    elif typed.startswith("-"):
        found = _options(spot.command, root)
    else:
        found = _names(spot.command)
    return _fitting(found, typed)


def _fitting(found: Iterable[str], typed: str) -> list[str]:
    wanted = folded(typed).casefold()
    return list(dict.fromkeys(each for each in found if each.casefold().startswith(wanted)))


def _spot(root: Root, words: Sequence[str], typed: str) -> Asked:
    """Walk the words: globals may stand anywhere, nouns lead down, the rest are arguments."""
    command: click.Command = root
    verb, taken = "", list[str]()
    pending: click.Option | None = None
    for word in words:
        if pending is not None:
            pending = None
        elif word.startswith("-") and word != "-":
            pending = _option(word, command, root)
        elif isinstance(command, click.Group):
            inner = command.get_command(click.Context(command), word)
            if inner is None:
                return Asked(verb, command, None, typed)
            command, verb = inner, inner.name or word
        else:
            taken.append(word)
    if pending is not None or typed.startswith("-") or isinstance(command, click.Group):
        return Asked(verb, command, pending, typed, tuple(taken))
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    many = [each for each in arguments if each.nargs == -1]
    at = arguments[len(taken) : len(taken) + 1] or many[-1:]
    return Asked(verb, command, at[0] if at else None, typed, tuple(taken))


def _option(word: str, command: click.Command, root: Root) -> click.Option | None:
    """The option that waits for its value, if this word is one."""
    name = CHINESE.get(word, word)
    owner = root if name in WITH_VALUE else command
    for each in owner.params:
        if isinstance(each, click.Option) and name in each.opts and not each.is_flag:
            return each
    return None


def _names(command: click.Command) -> list[str]:
    return command.list_commands(click.Context(command)) if isinstance(command, click.Group) else []


def _options(command: click.Command, root: Root) -> list[str]:
    params = [*command.params, *root.params]
    return [name for each in params if isinstance(each, click.Option) for name in each.opts]


def _values(spot: Asked, live: "Live") -> Iterable[str]:
    """What a parameter may be."""
    parameter = spot.parameter
    name = (parameter.name or "") if parameter else ""
    if parameter is not None and isinstance(parameter.type, click.Choice):
        return (*parameter.type.choices, *getattr(parameter.type, "chinese", ()))
    if name in ("speaker", "behalf") and _is_of_a_call(spot.command):
        called = live.called(FITTING.get(spot.verb, SOUNDING), spot.named)
        return _fitting(called, spot.typed) or live.units()
    if name in UNITS:
        return live.units()
    if name in LISTS:
        return live.listed(LISTS[name])
    if name in ("item", "finding"):
        return live.items()
    if name in ("calls", "call") or spot.verb in ("act", "need"):
        return live.calls(FITTING.get(spot.verb, SOUNDING))
    if name in ("incidents", "incident", "words", "subject"):
        items = live.items() if spot.verb == "blow" else ()
        named = live.incidents(FITTING.get(spot.verb, OPEN))
        return chain(named, LAST.get(spot.verb, ()), items)
    return live.everything() if name == "name" and spot.verb in ("show", "log") else ()


def _is_of_a_call(command: click.Command) -> bool:
    """Whether a verb is for a unit's call: who speaks is then one of the called units."""
    return command.name in ("act", "need") or any(
        each.name in ("calls", "call") for each in command.params
    )


class Live:
    """What the store holds now; each question is answered by nothing when it cannot be."""

    def __init__(self, ask: Callable[..., list[str]]) -> None:
        self._ask = ask

    def units(self) -> list[str]:
        """Units by code, alias, name and initials."""
        return self._ask("units")

    def called(self, stages: Sequence[str], named: Sequence[str]) -> list[str]:
        """The units with a call at these stages, of the whistles that are named, else of any."""
        return self._ask("called", stages, named)

    def items(self) -> list[str]:
        """Items of the catalogue by every name."""
        return self._ask("items")

    def listed(self, name: str) -> list[str]:
        """The codes of one of the playbook's lists, with their texts."""
        return self._ask("listed", name)

    def incidents(self, stages: Sequence[str]) -> list[str]:
        """Incidents at these stages, by number and by full name."""
        return self._ask("incidents", stages)

    def calls(self, stages: Sequence[str]) -> list[str]:
        """The speaker's own calls at these stages; for the town office, everybody's."""
        return self._ask("calls", stages)

    def everything(self) -> list[str]:
        """Incidents and whistles by full name."""
        return self._ask("everything")
