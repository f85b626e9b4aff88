"""What `whistle doctor` finds: one line each, with how bad it is and what to type next."""

from typing import Any, Literal

import msgspec

State = Literal["ok", "look", "alarm"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the page."""

    check: str
    """What was looked at; a word that stays the same in every language."""
    state: State
    """ok; look: somebody should, some day; alarm: today. Only an alarm makes the exit code 1."""
    says: str
    next: str = ""
    """The command to type, or what to do."""
    figures: dict[str, Any] = {}
    """The numbers behind the sentence, for programs that watch."""


def ok(check: str, says: str, **figures: Any) -> Finding:
    """All is as it should be."""
    return Finding(check=check, state="ok", says=says, figures=figures)


def look(check: str, says: str, then: str, **figures: Any) -> Finding:
    """Nothing is lost today; somebody should see to it."""
    return Finding(check=check, state="look", says=says, next=then, figures=figures)


def alarm(check: str, says: str, then: str, **figures: Any) -> Finding:
    """Somebody must see to it today."""
    return Finding(check=check, state="alarm", says=says, next=then, figures=figures)
