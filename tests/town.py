"""A small town for tests: its units, its playbook, its calendar, and instants by the wall clock."""

from datetime import date, datetime

from whistle.domain.calendar import Calendar, Holiday, Notice
from whistle.domain.limit import parse_limit
from whistle.domain.moment import CHINA, Instant, of
from whistle.domain.playbook import Item, KindRules, Ladder, Playbook, Rung
from whistle.domain.surroundings import (
    Actor,
    IncidentBrief,
    Surroundings,
    UnitEntry,
    WhistleBrief,
)

DAY = "2026-10-15"  # a Thursday, worked, a week after the National Day holiday

TOWN = "town"


def at(text: str) -> Instant:
    """`09:12` on the day of the tests, or `2026-12-31 23:59:30`: the wall clock at +08:00."""
    whole = text if "-" in text else f"{DAY} {text}"
    return of(datetime.fromisoformat(whole).replace(tzinfo=CHINA))


UNITS = {
    TOWN: UnitEntry(
        code=TOWN,
        name="泽安镇",
        type="TZ",
        commander=True,
        persons={"李镇长": "leader", "小周": "clerk"},
    ),
    "jj": UnitEntry(code="jj", name="交警中队", type="TP", aliases=("交警",), initials="jjzd"),
    "xf": UnitEntry(code="xf", name="消防救援站", type="FR", aliases=("消防",), initials="xfjyz"),
    "rq": UnitEntry(code="rq", name="燃气公司", type="UT-GAS", aliases=("燃气",), initials="rqgs"),
    "cg": UnitEntry(code="cg", name="城管中队", type="UM", aliases=("城管",), initials="cgzd"),
}

LEADER = "town/李镇长"
CLERK = "town/小周"

PLAYBOOK = Playbook(
    name="泽安",
    version="1",
    slots=((8 * 3600, 12 * 3600), (14 * 3600, 18 * 3600)),
    reading="next-day",
    grounds={"no-power": "无执法权", "joint": "需多部门联合"},
    decline_reasons={"not-our-duty": "不属本单位职责"},
    refuse_categories={"not-ours": "不属本镇街职责", "repeated": "重复反映"},
    kinds={
        "daily": KindRules(
            name="日常哨",
            approval="required",
            limits={"ack": parse_limit("1wh")},
            unless_item={"dispose": parse_limit("7nd")},
        ),
        "emergency": KindRules(
            name="应急哨",
            approval="afterwards",
            limits={"ack": parse_limit("5em"), "arrive": parse_limit("30em")},
            decline_only_on_scene=True,
        ),
    },
    items={
        "0502": Item(
            code="0502",
            name="燃气泄漏",
            english="gas-leak",
            kind="emergency",
            lead="UT-GAS",
            assists=("FR",),
            limits={"dispose": parse_limit("1eh")},
        ),
        "0101": Item(
            code="0101",
            name="占道经营",
            english="street-vending",
            kind="daily",
            lead="UM",
        ),
    },
    ladder=Ladder(
        warn_percent=20, rungs=(Rung(level="yellow"), Rung(level="red", after=parse_limit("1wd")))
    ),
    digest="p" * 64,
)

NATIONAL_DAY = Holiday(
    "国庆节", date(2026, 10, 1), date(2026, 10, 7), (date(2026, 9, 20), date(2026, 10, 10))
)
CALENDAR = Calendar((Notice(2026, (NATIONAL_DAY,)), Notice(2027, ())))

INCIDENT = IncidentBrief(
    stream="i1", name="I-WY26-00001", stage="accepted", item="0502", place="草桥路12号"
)


WHISTLE = WhistleBrief(
    stream="w1",
    name="W-WY26-00001",
    stage="sounding",
    incident="i1",
    incident_name="I-WY26-00001",
    called=("rq", "xf"),
)


def actor(text: str) -> Actor:
    """`jj`, `town/李镇长`, or `town>jj`: the town's clerk tells what jj said on the phone."""
    unit, _sign, behalf = text.partition(">")
    code, _slash, person = unit.partition("/")
    return Actor(unit=code, person=person, behalf=behalf)


def around(
    by: str = TOWN,
    when: Instant | None = None,
    *,
    playbook: Playbook = PLAYBOOK,
    calendar: Calendar = CALENDAR,
    incident: IncidentBrief | None = INCIDENT,
    whistle: WhistleBrief | None = WHISTLE,
    duplicate: IncidentBrief | None = None,
    units: dict[str, UnitEntry] | None = None,
) -> Surroundings:
    """What a decision may know in this town."""
    return Surroundings(
        at=at("09:00") if when is None else when,
        actor=actor(by),
        playbook=playbook,
        calendar=calendar,
        calendar_digest=calendar.digest,
        units=UNITS if units is None else units,
        next_names={
            "I": "I-WY26-00001",
            "W": "W-WY26-00001",
            "T": "T-WY26-00001",
            "P": "P-WY26-00001",
        },
        incident=incident,
        whistle=whistle,
        duplicate=duplicate,
    )
