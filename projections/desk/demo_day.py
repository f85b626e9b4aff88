"""One busy day of the made-up town, as a table: when, who, about which incident, what.

The day is a Wednesday that is worked, 2026-10-14. Shapes and some times are those of published
cases; every other time is invented, and so are units, persons and words:

gas       a hit gas pipe, the gas company there after 15 minutes (衡阳草桥社区, 2019-11-04)
sand      river-sand theft: seen at 03:30, loading from 05:15, raid (雷州, 2024-01-01)
building  an illegal building found, ordered down, demolished within 6 hours (西城万明园)
market    a night-food street checked by several units together (昆明文林街; 会东, 2024-10-17)
pipe      a unit declines and names the one whose duty it is; the town calls that one (invented)

What is reported, in which words, stands in whistle/playbooks/demo_incidents.toml.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from whistle.domain.correction import Correct
from whistle.domain.incident.handling import HandleIncident, TransferIncident
from whistle.domain.incident.intake import AcceptIncident, RefuseIncident, ReportIncident
from whistle.domain.incident.outcome import CallReporterBack, CloseIncident, VerifyIncident
from whistle.domain.message import Order
from whistle.domain.moment import CHINA, Instant, of
from whistle.domain.refusal import _
from whistle.domain.whistle.approval import ApproveWhistle, TurnWhistleDown
from whistle.domain.whistle.call import Acknowledge, Act, Arrive, Decline, Finish, Leave
from whistle.domain.whistle.closing import EvaluateUnit, RateWhistle
from whistle.domain.whistle.issue import BlowWhistle

DATE = "2026-10-14"
FIRST, LAST = "00:30", "21:30"  # the record is opened, the day is looked at

LEADER, CLERK, OFFICER, EVALUATOR = "TZ/陈岚", "TZ/周敏", "TZ/高远", "TZ/许正"
CITY, POLICE, MARKETS, LAND, ENVIRONMENT = "U01", "U02", "U03", "U04", "U05"
WATER, BUILDING, FIRE, SAFETY, TRANSPORT = "U06", "U07", "U08", "U09", "U10"
TRAFFIC, CLEANING, POWER, GAS, WATERCO = "U11", "U15", "U16", "U17", "U18"
CIVIL_AFFAIRS, TELECOM = "U19", "U23"


class Step(NamedTuple):
    """One act of the day: orders that stand or fall together."""

    at: str  # hh:mm
    who: str  # UNIT or UNIT/PERSON
    about: str  # an incident; sand/2 is its second whistle
    orders: tuple[Order, ...]  # none: only to be told
    told: str = ""  # for whoever watches: {U07} is that unit's name
    behalf: str = ""  # the unit that told it by phone
    happened: str = ""  # hh:mm, as it was told


class Part(NamedTuple):
    """One unit's part in a whistle, from its answer to the marks; all times hh:mm."""

    unit: str
    signed: str
    eta: str  # what it promised
    there: str  # empty: told by phone, a step of its own
    did: tuple[str, str, str]  # when, the act, in the unit's words
    done: str
    mark: int  # the town's for the unit
    rating: int  # the unit's for the whistle


def instant(clock: str) -> Instant:
    """hh:mm of the day at +08:00."""
    return of(datetime.fromisoformat(f"{DATE} {clock}").replace(tzinfo=CHINA))


REPORT = ReportIncident(item="", place="")  # the words stand in demo_incidents.toml
ACCEPT, BLOW, APPROVE = AcceptIncident(), BlowWhistle(incident=""), ApproveWhistle()
HANDLE, PASS, CLOSE = HandleIncident(), VerifyIncident(passed=True), CloseIncident()
SATISFIED, FAIRLY = CallReporterBack(result="satisfied"), CallReporterBack(result="fairly")

# Who did what in each whistle. The limits of the emergency: signed in 5 minutes, there in 30,
# handled in an hour; of joint enforcement: there in 30 minutes, which one unit misses.
PARTS: dict[str, tuple[Part, ...]] = {
    # unit      signed   promised there    when     did         words     done   marks
    "gas": (
      Part(GAS, "01:14", "01:28", "01:27", ("01:30", "repair", "关阀、换管"), "01:54", 96, 95),
      Part(SAFETY, "01:15", "01:40", "01:34", ("01:36", "report", "报区应急局"), "01:57", 90, 90),
      Part(POLICE, "01:15", "01:35", "", ("01:36", "evacuate", "疏散两栋楼"), "01:58", 92, 95),
      Part(BUILDING, "01:16", "01:40", "01:35", ("01:38", "inspect", "核对管线"), "01:56", 90, 92),
      Part(FIRE, "01:13", "01:25", "01:23", ("01:25", "cordon", "警戒、测爆"), "01:59", 9, 96),
    ),
    "sand": (
      Part(WATER, "03:43", "04:00", "03:58", ("05:18", "raid", "人赃并获"), "06:22", 97, 96),
      Part(POLICE, "03:44", "04:00", "03:55", ("05:20", "detain", "控制五人"), "06:30", 96, 95),
      Part(LAND, "03:46", "04:10", "04:03", ("05:40", "measure", "丈量采坑"), "06:10", 92, 90),
      Part(TRANSPORT, "03:47", "04:10", "04:04", ("05:35", "weigh", "检查超限"), "06:12", 91, 90),
      Part(TRAFFIC, "03:45", "04:05", "04:01", ("05:22", "seize", "扣下两辆货车"), "06:25", 95, 94),
    ),
    "vending": (
      Part(CITY, "08:30", "08:45", "08:42", ("08:45", "clear", "劝离十一辆车"), "09:10", 80, 90),
      Part(MARKETS, "08:33", "08:55", "08:50", ("08:55", "inspect", "查验进货单"), "09:12", 82, 85),
      Part(TRAFFIC, "08:35", "08:50", "08:48", ("08:52", "order", "疏导车流"), "09:08", 84, 88),
    ),
    "building": (
      Part(CITY, "09:24", "10:30", "10:28", ("13:30", "demolish", "拆除门脸房"), "15:05", 95, 92),
      Part(LAND, "09:26", "10:15", "10:12", ("10:20", "inspect", "认定占地"), "15:00", 94, 92),
      Part(POLICE, "09:31", "10:30", "10:20", ("10:25", "guard", "维持秩序"), "14:50", 90, 90),
      Part(POWER, "09:40", "10:45", "10:41", ("11:10", "cut", "切断电源"), "15:02", 91, 90),
    ),
    "pipe": (
      Part(CITY, "11:10", "11:35", "11:31", ("11:35", "cordon", "围挡路面"), "12:20", 88, 60),
    ),
    "pipe/2": (
      Part(WATERCO, "11:34", "11:55", "11:52", ("12:05", "repair", "关阀、换管"), "14:10", 93, 95),
      Part(TRAFFIC, "11:36", "12:00", "11:58", ("12:00", "order", "单边放行"), "14:15", 90, 90),
    ),
    "market": (
      Part(CITY, "18:38", "18:55", "18:52", ("18:56", "clear", "退回划线以内"), "20:05", 90, 90),
      Part(MARKETS, "18:39", "19:00", "18:55", ("19:05", "inspect", "抽检八个摊"), "20:09", 70, 85),
      Part(POLICE, "18:41", "19:00", "18:58", ("19:00", "guard", "维持秩序"), "20:08", 92, 90),
      Part(CLEANING, "18:50", "19:00", "19:22", ("19:25", "clean", "清雨水篦子"), "20:10", 60, 80),
    ),
}  # fmt: skip

MARKED = {"market": ("20:50", "21:00")}  # by the town, by the units; else
MARKED_ELSE = ("17:30", "17:40")
PHONE = _("told by phone, the hands were full")
NOT_A_DRAIN = "不是下水，是自来水主管爆了"
TYPED_9 = "许正打错：应为 95 分，录成了 9"

STEPS = (
    # ---- the night
    Step("01:12", CLERK, "gas", (REPORT, ACCEPT, BLOW),
         _("Gas leak: five units called in one stroke; an emergency waits for no approval.")),
    Step("01:31", CLERK, "gas", (Arrive(POLICE),), behalf=POLICE, happened="01:29"),
    Step("01:35", BUILDING, "gas", (),
         _("All five are there, within the 30 minutes; {U02} reported in by phone.")),
    Step("02:10", CLERK, "gas", (PASS,)),
    Step("07:40", CLERK, "gas", (SATISFIED,)),
    Step("07:41", CLERK, "gas", (CLOSE,)),
    Step("03:30", CLERK, "sand", (REPORT, ACCEPT)),
    Step("03:33", CLERK, "sand", (BLOW,)),
    Step("03:41", LEADER, "sand", (APPROVE,),
         _("River-sand theft: the leader approves a joint raid, five units lie in wait.")),
    Step("05:22", TRAFFIC, "sand", (),
         _("The thieves load, the units close in, {U11} holds two lorries.")),
    Step("06:45", CLERK, "sand", (PASS,)),
    Step("06:50", CLERK, "sand", (CLOSE,)),
    # ---- the morning
    Step("07:50", CLERK, "lane", (REPORT, ACCEPT)),
    Step("07:58", CLERK, "lane", (BLOW,)),
    Step("08:03", LEADER, "lane", (TurnWhistleDown(reason="镇里队伍和物业能办，不必吹哨"),),
         _("Blocked fire lane: the leader does not approve; the town's own squad does it.")),
    Step("08:05", OFFICER, "lane", (HANDLE,)),
    Step("08:50", CLERK, "lane", (PASS,)),
    Step("08:52", CLERK, "lane", (CLOSE,)),
    Step("08:05", CLERK, "vending", (REPORT, ACCEPT)),
    Step("08:10", CLERK, "vending", (BLOW,)),
    Step("08:25", LEADER, "vending", (APPROVE,)),
    Step("09:30", CLERK, "vending", (VerifyIncident(passed=False, note="十分钟后又摆回来了"),),
         _("Street vending: the stalls are back, the verification fails, all do it again.")),
    Step("09:56", TRAFFIC, "vending", (Finish(TRAFFIC, note="设隔离桩"),)),
    Step("09:58", MARKETS, "vending", (Finish(MARKETS, note="逐户告知"),)),
    Step("10:00", CITY, "vending", (Finish(CITY, note="引导到便民市场"),)),
    Step("10:15", CLERK, "vending", (PASS,)),
    Step("10:30", CLERK, "vending", (FAIRLY,)),
    Step("10:31", CLERK, "vending", (CLOSE,)),
    Step("08:40", CLERK, "posters", (REPORT, ACCEPT)),
    Step("08:45", OFFICER, "posters", (HANDLE,)),
    Step("11:40", CLERK, "posters", (PASS,)),
    Step("11:41", CLERK, "posters", (CLOSE,)),
    Step("09:05", CLERK, "building", (REPORT, ACCEPT)),
    # as a daily whistle the item's 2 hours bind; a joint one would bind with its own 30 minutes
    Step("09:12", CLERK, "building", (BlowWhistle(incident="", kind="daily"),)),
    Step("09:20", LEADER, "building", (APPROVE,)),
    Step("15:05", CITY, "building", (),
         _("Illegal building: down again, six hours after it was found.")),
    Step("15:30", CLERK, "building", (PASS,)),
    Step("15:35", CLERK, "building", (CLOSE,)),
    Step("09:40", CLERK, "cable", (REPORT, ACCEPT)),
    Step("09:45", CLERK, "cable", (TransferIncident(unit=TELECOM),),
         _("Cable down: transferred to {U23}, whose duty it is; no whistle.")),
    Step("16:00", CLERK, "cable", (PASS,)),
    Step("16:10", CLERK, "cable", (SATISFIED,)),
    Step("16:11", CLERK, "cable", (CLOSE,)),
    Step("10:50", CLERK, "pipe", (REPORT, ACCEPT)),
    Step("10:55", CLERK, "pipe", (BLOW,)),
    Step("11:02", LEADER, "pipe", (APPROVE,)),
    Step("11:20", BUILDING, "pipe",
         (Decline(BUILDING, reason="not-our-duty", proposed=WATERCO, note=NOT_A_DRAIN),),
         _("{U07} declines and names {U18}; the town calls that one instead.")),
    Step("11:26", CLERK, "pipe/2",
         (BlowWhistle(incident="", lead=WATERCO, assists=(TRAFFIC,)),)),
    Step("11:30", LEADER, "pipe/2", (APPROVE,)),
    # ---- the afternoon
    Step("14:40", CLERK, "pipe", (PASS,)),
    Step("15:00", CLERK, "pipe", (CallReporterBack(result="unreached"),)),
    Step("17:10", CLERK, "pipe", (SATISFIED,)),
    Step("17:11", CLERK, "pipe", (CLOSE,)),
    Step("13:40", CLERK, "smoke", (REPORT, ACCEPT)),
    Step("14:05", CLERK, "smoke",
         (RefuseIncident(category="not-ours", explanation="在河对岸，属邻镇，已转告"),),
         _("Smoke over the river: not this town's, refused with the reason.")),
    Step("14:20", CLERK, "fence", (REPORT, ACCEPT)),
    Step("14:25", CLERK, "fence", (TransferIncident(unit=CIVIL_AFFAIRS),)),
    Step("14:30", CLERK, "music", (REPORT,)),
    Step("14:35", CLERK, "music",
         (RefuseIncident(category="repeated", explanation="同日已受理，无新事实"),)),
    Step("15:50", CLERK, "landfill", (REPORT, ACCEPT)),
    Step("16:05", CLERK, "landfill", (BLOW,)),
    Step("16:20", LEADER, "landfill", (APPROVE,)),
    Step("16:40", ENVIRONMENT, "landfill", (Acknowledge(ENVIRONMENT),)),
    Step("17:00", CLEANING, "landfill", (Acknowledge(CLEANING),)),
    Step("16:30", CLERK, "lamp", (REPORT, ACCEPT)),
    Step("16:35", OFFICER, "lamp", (HANDLE,)),
    Step("17:34", EVALUATOR, "gas", (Correct(seq=0, changes={"score": 95}, why=TYPED_9),),
         _("A mark typed as 9 is corrected to 95; both stay on record.")),
    Step("17:44", CLERK, "formula", (REPORT, ACCEPT)),
    Step("17:50", CLERK, "formula", (BLOW,)),
    Step("17:30", EVALUATOR, "pipe", (EvaluateUnit(BUILDING, score=85),)),
    Step("17:40", BUILDING, "pipe", (RateWhistle(BUILDING, score=40, note="吹错了对象"),)),
    # ---- the evening
    Step("18:20", CLERK, "market", (REPORT, ACCEPT)),
    Step("18:28", CLERK, "market", (BLOW,)),
    Step("18:35", LEADER, "market", (APPROVE,)),
    Step("19:22", CLEANING, "market", (),
         _("Night market: {U15} was warned, is overdue, gets a yellow notice, comes late.")),
    Step("19:40", MARKETS, "market", (Leave(MARKETS, reason="先去处理一起食物中毒投诉"),),
         _("{U03} leaves before its release; that is on record.")),
    Step("20:20", CLERK, "market", (PASS,)),
    Step("20:35", CLERK, "market", (SATISFIED,)),
    Step("20:36", CLERK, "market", (CLOSE,)),
    Step("20:58", CLERK, "sql", (REPORT, ACCEPT)),
    Step("21:05", CLERK, "markup", (REPORT,)),
)  # fmt: skip


def steps() -> list[Step]:
    """Everything that is done that day, in the order in which it is done."""
    parts = (step for about, those in PARTS.items() for part in those for step in _of(about, part))
    every = [*STEPS, *parts]
    return sorted(every, key=lambda step: step.at)


def _of(about: str, part: Part) -> Iterator[Step]:
    """A unit's part as acts of its own, and the two marks that end it."""
    unit = part.unit
    when, what, words = part.did
    by_town, by_unit = MARKED.get(about, MARKED_ELSE)
    yield Step(part.signed, unit, about, (Acknowledge(unit, eta=instant(part.eta)),))
    if part.there:
        yield Step(part.there, unit, about, (Arrive(unit),))
    yield Step(when, unit, about, (Act(unit, act=what, note=words),))
    yield Step(part.done, unit, about, (Finish(unit),))
    yield Step(by_town, EVALUATOR, about, (EvaluateUnit(unit, score=part.mark),))
    yield Step(by_unit, unit, about, (RateWhistle(unit, score=part.rating),))
