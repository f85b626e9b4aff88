"""Amounts and times of day as they are spoken in Chinese, put into the figures that `times` reads.

半小时 is 30分, 两个半小时 is 2小时30分, 昨晚十一点四十 is 昨晚23:40.
"""

import re

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_EVENING = ("今晚", "昨晚", "晚上", "下午", "傍晚")
_AMOUNTS = (
    (r"(?:个)?(?:小时|钟头)", "小时"),
    (r"(\d+)个?半小时|(\d+)小时半", r"\1\2小时30分"),
    (r"半小时", "30分"),
)


def spoken(text: str) -> str:
    """A text with its spoken amounts in figures; what has none comes back as it was."""
    if text.isascii():
        return text
    said = re.sub("[零〇一二两三四五六七八九十]+", lambda found: str(_number(found[0])), text)
    for pattern, figures in _AMOUNTS:
        said = re.sub(pattern, figures, said)
    said = re.sub(r"(\d{1,2})点(?:(半)|(\d)刻|(\d{1,2})分?|整|钟)?", _clock, said)
    said = re.sub(r"(\d+)刻钟?", lambda found: f"{int(found[1]) * 15}分", said)
    return _of_the_evening(said)


def _number(signs: str) -> int:
    """A number below a hundred as it is spoken: 十五, 二十, 三十五; or sign by sign: 二五."""
    tens, ten, ones = signs.rpartition("十")
    if ten:
        return 10 * (_DIGITS.get(tens, 1) if tens else 1) + _DIGITS.get(ones, 0)
    return int("".join(str(_DIGITS[sign]) for sign in signs))


def _clock(found: re.Match[str]) -> str:
    half, quarters, minutes = found[2], found[3], found[4]
    past = 30 if half else int(quarters) * 15 if quarters else int(minutes or 0)
    return f"{found[1]}:{past:02}"


def _of_the_evening(said: str) -> str:
    """下午3:00 is 15:00; 昨晚11:40 is 昨天23:40, and after midnight it is what it says."""
    for part in _EVENING:
        day, _part, clock = said.partition(part)
        if clock and (hour := re.match(r"\s*(\d{1,2}):", clock)):
            late = int(hour[1]) + (12 if 0 < int(hour[1]) < 12 else 0)
            day = day or {"昨晚": "昨天", "今晚": "今天"}.get(part, "")
            return f"{day}{late}{clock[hour.end() - 1 :]}"
    return said
