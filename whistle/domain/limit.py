"""Limits: how much time a rule gives, in the units Chinese lists of duties are written in.

working     wm 工作分钟   wh 工作时   wd 工作日       only in working slots on working days
continuous  em 分钟   eh 紧急工作时   ed 紧急工作日   nights and holidays run too
counted     nd 自然日                                 whole calendar days
"""

import re
import unicodedata
from typing import Final, Literal

import msgspec

from whistle.domain.refusal import _

Unit = Literal["wm", "wh", "wd", "em", "eh", "ed", "nd"]

_UNITS: Final[dict[str, Unit]] = {
    "wm": "wm", "工作分钟": "wm",
    "wh": "wh", "工作时": "wh", "工作小时": "wh",
    "wd": "wd", "工作日": "wd",
    "em": "em", "分钟": "em", "分": "em",
    "eh": "eh",
    "ed": "ed",
    "nd": "nd", "自然日": "nd",
}  # fmt: skip

_URGENT: Final[dict[str, Unit]] = {
    "分": "em", "分钟": "em", "工作分": "em", "工作分钟": "em", "wm": "em", "em": "em",
    "时": "eh", "小时": "eh", "工作时": "eh", "工作小时": "eh", "wh": "eh", "eh": "eh",
    "日": "ed", "天": "ed", "工作日": "ed", "自然日": "ed", "wd": "ed", "ed": "ed", "nd": "ed",
}  # fmt: skip

_MOST: Final = 999_999
_WRITTEN: Final = r"(?a)(\d{1,9})\s*个?\s*(\S+)"


class UnreadableError(ValueError):
    """A limit or a table of working slots that cannot be read; nothing is guessed."""

    def __init__(self, text: str, **words: object) -> None:
        super().__init__(text)
        self.text = text  # a template, so that the catalogue can translate it
        self.words = words

    def __str__(self) -> str:
        return self.text.format(**self.words)


class Limit(msgspec.Struct, frozen=True):
    """An amount of time, 1 to 999,999 of one unit; `str()` is its canonical text, as `5wd`.

    Which of the two readings of `wd` applies stands with the rule, not in the limit.
    """

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 1 <= self.amount <= _MOST:
            raise UnreadableError(
                _("A limit lies between 1 and {most}, not {amount}."),
                most=_MOST,
                amount=self.amount,
            )

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


def parse_limit(text: str) -> Limit:
    """The limit that a text names: `30wm 8wh 5wd 30em 3eh 2ed 15nd`, or in Chinese `4工作时`.

    Full-width digits count as digits. 紧急 anywhere makes the limit continuous, whatever the unit
    after it says (运城: "2紧急工作时" was once stored as working hours). A bare 小时, 天 or 日 is
    refused: some lists mean working time by it, others do not. Raises UnreadableError.
    """
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    urgent = "紧急" in folded
    match = re.fullmatch(_WRITTEN, folded.replace("紧急", "").strip())
    unit = match and (_URGENT if urgent else _UNITS).get(match[2])
    if not match or not unit:
        raise UnreadableError(
            _(
                "“{given}” is not a limit. Write a number and a unit: wm, wh, wd (working minutes, "
                "hours, days), em, eh, ed (continuous) or nd (natural days); "
                "or 工作时, 工作日, 紧急工作时, 自然日, 分钟."
            ),
            given=text,
        )
    return Limit(int(match[1]), unit)
