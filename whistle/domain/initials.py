"""Pinyin initials of a name, as clerks type them: 交警 is jj, 派出所 is pcs."""

import unicodedata
from bisect import bisect_right
from typing import Final

# GB 2312 sorts its 3,755 common characters (level 1, 啊 to 座) by pinyin: the first character of
# each letter bounds it. No Mandarin syllable begins with i, u or v.
_LETTERS: Final = "abcdefghjklmnopqrstwxyz"
_FIRST: Final = [each.encode("gb2312") for each in "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"]
_LAST: Final = "座".encode("gb2312")


def initials(text: str) -> str:
    """The pinyin initials of a text in lower case; ASCII letters and digits stand for themselves.

    Every other character is skipped: punctuation, and the rarer characters of GB 2312's level 2,
    which are sorted by radical. A character with several readings has the one GB 2312 sorts it by.
    """
    return "".join(map(_initial, unicodedata.normalize("NFKC", text).lower()))


def _initial(character: str) -> str:
    if character.isascii():
        return character if character.isalnum() else ""
    code = character.encode("gb2312", "ignore")
    if not _FIRST[0] <= code <= _LAST:
        return ""
    return _LETTERS[bisect_right(_FIRST, code) - 1]
