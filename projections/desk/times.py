"""Times and durations as people type and read them; the record knows only instants."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import click

from projections.desk.spoken import spoken
from projections.desk.words import folded, say
from whistle.domain import moment
from whistle.domain.moment import DAY, HOUR, MINUTE, SECOND, Instant
from whistle.domain.refusal import _

_SPAN_MAX = 36_525 * DAY  # a century: longer ones are slips of the keyboard
# patterns are compiled when a time is read: most commands are given none
_SPAN = r"(\d{1,9})\s*(s|min|m|h|d|秒钟?|分钟?|小时|时|天|日)"
_UNITS = {
    "s": SECOND, "秒": SECOND, "秒钟": SECOND,
    "m": MINUTE, "min": MINUTE, "分": MINUTE, "分钟": MINUTE,
    "h": HOUR, "小时": HOUR, "时": HOUR, "d": DAY, "天": DAY, "日": DAY,
}  # fmt: skip
_CLOCK = r"(\d{1,2}):(\d{2})(?::(\d{2}))?"
_DAYS = {"前天": -2, "昨天": -1, "今天": 0, "明天": 1, "后天": 2}
_DAY_CLOCK = rf"({'|'.join(_DAYS)})\s*(\d{{1,2}}:\d{{2}}(?::\d{{2}})?)"


def zone(text: str | None) -> tzinfo:
    """The zone to show times in: the playbook's (+08:00) unless --tz says otherwise."""
    if not text:
        return moment.CHINA
    match = re.fullmatch(r"([+-])(\d{2}):(\d{2})", text)
    if text.upper() in ("UTC", "Z"):
        return UTC
    if match is None or int(match[2]) > 14 or int(match[3]) > 59:
        raise click.UsageError(say(_("A zone is written +08:00 or UTC, not {text}."), text=text))
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(offset if match[1] == "+" else -offset, text)


def span(text: str) -> Instant:
    """A length of time such as 25m, 2h30m or 25分, in microseconds."""
    meant = spoken(folded(text)).lower()
    found = list(re.finditer(_SPAN, meant))
    told = "".join(match[0] for match in found).replace(" ", "")
    length = sum(int(match[1]) * _UNITS[match[2]] for match in found)
    if not found or told != meant.replace(" ", "") or length > _SPAN_MAX:
        raise click.UsageError(
            say(_("{text} is not a length of time such as 25m or 2h."), text=text)
        )
    return length


def past(text: str, now: Instant, where: tzinfo) -> Instant:
    """A time as people type it: 23:40 (the latest such moment), -20m, 昨天23:40, or RFC 3339."""
    meant = spoken(folded(text))
    if meant.startswith("-"):
        return now - span(meant[1:])
    if meant.endswith("前"):
        return now - span(meant.removesuffix("前").removesuffix("以"))
    if dated := re.fullmatch(_DAY_CLOCK, meant):
        return _on_day(dated, now, where, text)
    if clock := re.fullmatch(_CLOCK, meant):
        at = _today(clock, now, where, text)
        return at if at <= now else at - DAY
    return exact(meant)


def claimed(text: str, now: Instant, where: tzinfo) -> Instant:
    """When something happened, by who types it: a time that is not to come."""
    at = past(text, now, where)
    if at > now:
        raise click.UsageError(say(_("What happened cannot lie in the future.")))
    return at


def coming(text: str, now: Instant, where: tzinfo) -> Instant:
    """When something will be: 25m from now, 14:40 (the next such moment), 明天9点, or RFC 3339."""
    meant = spoken(folded(text)).removesuffix("后")
    if dated := re.fullmatch(_DAY_CLOCK, meant):
        return _on_day(dated, now, where, text)
    if clock := re.fullmatch(_CLOCK, meant):
        at = _today(clock, now, where, text)
        return at if at >= now else at + DAY
    if "T" in meant.upper():
        return exact(meant)
    return now + span(meant)


def exact(text: str) -> Instant:
    """An RFC 3339 time with its offset."""
    try:
        at = moment.parse(folded(text))
        moment.local(at, UTC)  # its offset may carry it out of the years 1 to 9999
    except (ValueError, OverflowError):
        raise click.UsageError(
            say(
                _("{text} is not a time: write 23:40, -20m or 2026-10-14T09:00:00+08:00."),
                text=text,
            )
        ) from None
    return at


def _on_day(dated: re.Match[str], now: Instant, where: tzinfo, text: str) -> Instant:
    """A time of day on the day before, today or the day after, in the zone of the desk."""
    clock = re.fullmatch(_CLOCK, dated[2])
    noon = now + _DAYS[dated[1]] * DAY
    return _today(clock, noon, where, text) if clock else now


def _today(clock: re.Match[str], now: Instant, where: tzinfo, text: str) -> Instant:
    hour, minute, second = (int(part or 0) for part in clock.groups())
    try:
        day = moment.local(now, where).replace(
            hour=hour, minute=minute, second=second, microsecond=0
        )
    except ValueError:
        raise click.UsageError(say(_("{text} is not a time of day."), text=text)) from None
    return moment.of(day)


def shown(at: Instant, where: tzinfo, now: Instant | None = None) -> str:
    """An instant for people: the time, with its date unless it is today's."""
    then = moment.local(at, where)
    if now is not None and moment.local(now, where).date() == then.date():
        return then.strftime("%H:%M:%S")
    return then.strftime("%m-%d %H:%M:%S") if now is not None else _full(then)


def _full(then: datetime) -> str:
    return then.strftime("%Y-%m-%d %H:%M:%S")


def left(due: Instant, now: Instant) -> str:
    """How much time is left, or since when it is over: 41m, -1h05m; in Chinese 41分."""
    sign, seconds = "-" if due < now else "", abs(due - now) // SECOND
    minutes = seconds // 60
    if seconds < 60:
        shown = say(_("{seconds}s"), seconds=seconds)
    elif minutes < 60:
        shown = say(_("{minutes}m"), minutes=minutes)
    elif minutes < 48 * 60:
        shown = say(_("{hours}h{minutes:02}m"), hours=minutes // 60, minutes=minutes % 60)
    else:
        shown = say(_("{days}d"), days=minutes // 1440)
    return sign + shown


def soon(due: Instant | None, now: Instant) -> bool:
    """Whether something is due within the hour, and not over yet."""
    return due is not None and 0 <= due - now <= HOUR
