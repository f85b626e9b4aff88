"""What whoever operates the program sees: a journal of orders, metrics, health.

All of it is off for a command unless the environment or an option says otherwise, and costs nothing
then: neither structlog nor the metrics' package is imported.

WHISTLE_LOG        json, console or off       where nothing is said: off
WHISTLE_LOG_LEVEL  debug, info, warning, error    info
WHISTLE_LOG_FILE   where it is appended to; else standard error, never standard output
WHISTLE_SLOW_MS    from when an order is called slow     500
"""

import os
from collections.abc import Mapping
from typing import Literal

import msgspec

from whistle.domain.refusal import Refused, _
from whistle.engine.watched import OrderTold, Watcher

LEVELS = ("debug", "info", "warning", "error")
SLOW_MS = 500

Form = Literal["json", "console"]


class Telling(msgspec.Struct, frozen=True):
    """How what happens is told."""

    form: Form
    level: str = "info"
    file: str = ""  # standard error
    slow_us: int = SLOW_MS * 1000


def asked(
    environment: Mapping[str, str] = os.environ, level: str | None = None, form: str | None = None
) -> Telling | None:
    """How it is to be told, by the environment and the options over it; none: not at all.

    Raises Refused when a variable holds what it cannot.
    """
    wanted = _one_of(environment, "WHISTLE_LOG", ("off", "json", "console"))
    if wanted == "off" and level is None and form is None:
        return None
    chosen: Form = "json" if form == "json" or (wanted == "json" and form is None) else "console"
    slow = environment.get("WHISTLE_SLOW_MS") or str(SLOW_MS)
    if not (slow.isascii() and slow.isdecimal() and len(slow) < 10):
        raise _odd("WHISTLE_SLOW_MS", slow, _("a number of milliseconds"))
    return Telling(
        chosen,
        level or _one_of(environment, "WHISTLE_LOG_LEVEL", ("info", *LEVELS)),
        environment.get("WHISTLE_LOG_FILE", ""),
        int(slow) * 1000,
    )


def watcher(telling: Telling | None) -> Watcher | None:
    """Who tells it; none where nothing is to be told."""
    if telling is None:
        return None
    from whistle.operating.journal import Journal  # structlog is paid for by who asks for it

    return Journal(telling)


class Both:
    """Two watchers: each is told."""

    def __init__(self, first: Watcher, second: Watcher) -> None:
        self._first = first
        self._second = second

    def order(self, told: OrderTold) -> None:
        """Tell both of an order."""
        self._first.order(told)
        self._second.order(told)


def _one_of(environment: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    """A variable's word; the first one where it is not set."""
    word = environment.get(name) or words[0]
    if word not in words:
        raise _odd(name, word, ", ".join(dict.fromkeys(words)))
    return word


def _odd(name: str, value: str, allowed: str) -> Refused:
    return Refused(
        _("{name} cannot be {value}; write one of: {allowed}."),
        rule="settings.log",
        name=name,
        value=value,
        allowed=allowed,
    )
