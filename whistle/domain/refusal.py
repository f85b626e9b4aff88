"""The ways to say no. Nothing heavy is imported here: help and usage errors pay for this file.

WhistleError
├── Refused       the rules do not allow it now          exit 5
│   └── NotAllowed    this unit or person may not do it  exit 4
├── NotFound      there is no such thing                 exit 3
├── Conflict      someone wrote first, or the key is taken  exit 6
├── Broken        the record does not prove itself       exit 7
└── Unreachable   the store cannot be opened or written  exit 10
"""

from collections.abc import Mapping


class WhistleError(Exception):
    """A sentence for the person who asked, as a template the catalogue can translate."""

    def __init__(self, text: str, *, rule: str = "", hint: str = "", **words: object) -> None:
        super().__init__(text)
        self.text = text
        self.rule = rule
        self.hint = hint  # what would be allowed now, or the command to type next
        self.words: Mapping[str, object] = words

    def __str__(self) -> str:
        return self.text.format(**self.words)


class Refused(WhistleError):
    """The rules do not allow this order now."""


class NotAllowed(Refused):
    """The rules do not let this unit or person give this order."""


class NotFound(WhistleError):
    """There is no such incident, whistle, unit, event or file."""


class Conflict(WhistleError):
    """It changed meanwhile, or the same key came with another body."""


class Broken(WhistleError):
    """The record does not prove itself: nothing may be scored from it."""


class Unreachable(WhistleError):
    """The store cannot be opened, read or written."""


def _(text: str) -> str:
    """Mark a sentence for the catalogues; it is translated where it is shown, never here."""
    return text
