"""How the record stands to its surroundings: clock, timer, views, rules and calendar in force."""

from collections.abc import Callable

import msgspec

from projections.desk import times
from projections.desk.desk import Desk
from projections.desk.findings import Finding, alarm, look, ok
from projections.desk.measuring import amount
from projections.desk.timer import last_heard
from projections.desk.words import say
from whistle import codec
from whistle.domain.calendar import Calendar
from whistle.domain.clock_anomaly import STREAM as CLOCK
from whistle.domain.moment import DAY, MINUTE, SECOND, Instant, local
from whistle.domain.refusal import _
from whistle.domain.suspect import CAUGHT_UP
from whistle.log import sizes
from whistle.log.store_log import StoreLog

HEARD_LATELY = 5 * MINUTE
UNSPOKEN = 2 * MINUTE
GROWTH = 30 * DAY
BEGUN = "SELECT recorded_at FROM ledger WHERE seq = 1"
NOTICE_MONTH, LAST_MONTH = 11, 12  # the State Council tells of the next year in November
TIMER = "whistle setup --timer"


def counted(size: int, ledger: int, events: int) -> Finding:
    """Whether head, ledger and events count alike; it is no proof of any of them."""
    if not size == ledger == events:
        text = _("the head counts {size} events, the ledger {ledger}, the events {events}")
        says = say(text, size=size, ledger=ledger, events=events)
        return alarm("record", says, "whistle audit verify", size=size)
    says = say(_("{size} events; to prove each of them: whistle audit verify"), size=size)
    return ok("record", says, size=size)


def _clock(desk: Desk, log: StoreLog) -> Finding:
    with log.reading() as reader:
        reader.cursor.execute("SELECT last_recorded_at FROM ledger_head")
        (last,) = reader.cursor.fetchone()
        anomaly = reader.of_stream(CLOCK)
    behind = last - desk.received_at
    now = times.shown(desk.received_at, desk.zone)
    figures = {"now": now, "behind_s": behind // SECOND}
    if behind > CAUGHT_UP:
        text = _("it says {now}, and the last event was recorded at {last}")
        says = say(text, now=now, last=times.shown(last, desk.zone))
        return alarm("clock", says, say(_("set the clock of this machine")), **figures)
    if anomaly is not None and anomaly.stage == "doubted":
        says = say(
            _("it jumped; what it stamped counts in no figure until the town has settled it")
        )
        return alarm("clock", says, "whistle clock anomalies", **figures)
    return ok("clock", say(_("{now}, after the last event on record"), now=now), **figures)


def growing(desk: Desk, log: StoreLog, octets: int) -> Finding:
    """How large a store is, and by how much it grows."""
    daily = a_day(desk, log, octets)
    text = _("{size}, growing by {daily} a day")
    return ok("size", say(text, size=amount(octets), daily=amount(daily)), bytes=octets,
              bytes_per_day=daily)  # fmt: skip


def a_day(desk: Desk, log: StoreLog, octets: int) -> int:
    """Bytes a day over the last month, or since the store began."""
    events = log.size()
    if not events:
        return 0
    with log.reading() as reader:
        begun: Instant = next(iter(reader.scan(BEGUN)))[0]
        first = sizes.first_since(reader, desk.received_at - GROWTH)
    span = max(DAY, min(GROWTH, desk.received_at - begun))
    return (events - first + 1) * octets * DAY // (events * span)


def _timer(desk: Desk, log: StoreLog) -> Finding:
    heard = last_heard(log.path) if log.path is not None else None
    with log.reading() as reader:
        waiting = len(reader.due_before(desk.received_at - UNSPOKEN, 1000))
    figures = {"heard_s_ago": (desk.received_at - heard) // SECOND if heard else None,
               "unspoken": waiting}  # fmt: skip
    if heard is None:
        says = say(_("none was ever heard: the clocks speak when somebody looks"))
        if waiting:
            text = _(
                "none was ever heard, and {count} limits have passed that nobody has looked at"
            )
            says = say(text, count=waiting)
        return look("timer", says, TIMER, **figures)
    says = say(_("heard at {time}"), time=times.shown(heard, desk.zone, desk.received_at))
    if desk.received_at - heard > HEARD_LATELY:
        return alarm("timer", says, TIMER, **figures)
    return ok("timer", says, **figures)


def _views(desk: Desk, log: StoreLog) -> Finding:
    from projections import views_path
    from projections.desk.reading import as_they_stand

    if log.path is not None and not views_path(log.path).exists():  # looking makes no file
        return ok("views", say(_("none made yet; each is made when it is first read")), views=0)
    with as_they_stand(desk) as opened:
        found = opened.status()
    behind = max(each.behind for each in found)
    parked = sum(len(each.parked) for each in found)
    figures = {"views": len(found), "behind": behind, "parked": parked}
    if parked:
        text = _("{parked} events could not be taken; their cases stand still in a view")
        return alarm("views", say(text, parked=parked), "whistle projection status", **figures)
    text = _("{views} views, at most {behind} events behind; each catches up when it is read")
    return ok("views", say(text, views=len(found), behind=behind), **figures)


def _playbook(desk: Desk, _log: StoreLog) -> Finding:
    rules = desk.playbook
    if rules is None:
        says = say(_("none is in force: the store holds no town"))
        return alarm("playbook", says, "whistle setup", digest=None)
    says = say(_("{name} {version}, {items} items"), name=rules.name, version=rules.version,
               items=len(rules.items))  # fmt: skip
    return ok("playbook", says, version=rules.version, digest=rules.digest)


def _calendar(desk: Desk, log: StoreLog) -> Finding:
    with log.reading() as reader:
        adopted = reader.adopted("calendar")
    calendar = codec.read(msgspec.json.Decoder(Calendar), adopted[1]) if adopted else None
    years = sorted(notice.year for notice in calendar.notices) if calendar else []
    today = local(desk.received_at)
    missing = [year for year in (today.year, today.year + 1) if year not in years]
    says = say(_("years {first} to {last}"), first=years[0], last=years[-1]) if years else ""
    figures = {"years": years, "missing": missing}
    if not missing or (today.year not in missing and today.month < NOTICE_MONTH):
        return ok("calendar", says, **figures)
    text = _("{year} is missing: clocks that run into it are provisional; {says}")
    told = say(text, year=missing[0], says=says)
    late = today.year in missing or today.month >= LAST_MONTH
    return (alarm if late else look)("calendar", told, "whistle calendar import FILE", **figures)


LOOKS: dict[str, Callable[[Desk, StoreLog], Finding]] = {
    "clock": _clock,
    "timer": _timer,
    "views": _views,
    "playbook": _playbook,
    "calendar": _calendar,
}
