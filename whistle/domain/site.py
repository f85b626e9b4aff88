"""Where something is, as it is compared: the same place written in two ways is one site.

A place is free text. It is taken apart into its house numbers, in order, and the rest of its
signs without spaces, width and case: `草桥路 十二号` and `草桥路12号门口` are one site, and so are
`12 Caoqiao Road` and `Caoqiao Rd. 12`. Two sites are as alike as their pairs of neighbouring signs
are (Dice's measure), and not at all when their house numbers contradict each other.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

ENDS_ALIKE = 90
"""Percent for a name that ends as the other does: a town or county often stands in front."""
_SHORTEST_END = 3

_DIGITS = "零一二三四五六七八九"
_ZEROES = str.maketrans("〇○", "零零")
_COUNTING = frozenset(f"{_DIGITS}十百")
_COUNTED = rf"([{_DIGITS}十百]+)(?=号|栋|幢|座|单元|室|弄|巷|层|楼|组)"
_NUMBER = r"(?<![a-z0-9])(?:no\.? ?)?(\d+(?:-\d+)*[a-d]?)(?![a-z0-9])(?: ?[号室])?"
_ABBREVIATED = {
    "road": "rd", "street": "st", "avenue": "ave", "lane": "ln", "square": "sq", "building": "bldg",
}  # fmt: skip
_WORD = r"[a-z]+"
_NEARBY = r"(附近|旁边|旁|门口|门前|\b(near|at|outside|by)\b)"


@lru_cache(maxsize=4096)  # an incident's line is made anew with each of its events
def site(place: str) -> str:
    """The key under which a place is compared; empty when it has no name to compare."""
    text = unicodedata.normalize("NFKC", place).casefold().translate(_ZEROES)
    if not _COUNTING.isdisjoint(text):  # to make the pattern ready costs more than all the rest
        text = re.sub(_COUNTED, lambda found: str(_value(found[1])), text)
    text = re.sub(_WORD, lambda found: _ABBREVIATED.get(found[0], found[0]), text)
    numbers = re.findall(_NUMBER, text)
    rest = re.sub(_NEARBY, " ", re.sub(_NUMBER, " ", text))
    name = "".join(sign for sign in rest if sign.isalnum())
    return f"{name}#{'.'.join(numbers)}" if name else ""


def _value(counted: str) -> int:
    """A number as Chinese writes it: 十二 is 12, 一百零三 is 103, 三零一 is 301."""
    if "十" not in counted and "百" not in counted:
        return int("".join(str(_DIGITS.index(sign)) for sign in counted))
    total, last = 0, 0
    for sign in counted:
        if sign == "百":
            total, last = total + (last or 1) * 100, 0
        elif sign == "十":
            total, last = total + (last or 1) * 10, 0
        else:
            last = _DIGITS.index(sign)
    return total + last


def alike(one: str, other: str) -> int:
    """How alike two sites are, in percent; 100 is the same name, its numbers as far as told."""
    one_name, _sign, one_numbers = one.partition("#")
    other_name, _sign, other_numbers = other.partition("#")
    if not one_name or not other_name or _contradict(one_numbers, other_numbers):
        return 0
    if one_name == other_name:
        return 100
    shorter, longer = sorted((one_name, other_name), key=len)
    ends = len(shorter) >= _SHORTEST_END and longer.endswith(shorter)
    return max(ENDS_ALIKE if ends else 0, _dice(one_name, other_name))


def _contradict(one: str, other: str) -> bool:
    """Whether both give a number and a number of theirs differs; 12 and 12.3 do not."""
    pairs = zip(one.split("."), other.split("."), strict=False)
    return bool(one and other) and any(left != right for left, right in pairs)


def _dice(one: str, other: str) -> int:
    left, right = _pairs(one), _pairs(other)
    both = left.total() + right.total()
    return 200 * (left & right).total() // both if both else 0


def _pairs(name: str) -> Counter[str]:
    return Counter(name[at : at + 2] for at in range(len(name) - 1))
