"""Published joint enforcement, played at the desk: thieves in a mine, rubble, a shed, night stalls.

The town's office has one clerk, and a leader who approves from wherever he is. The figures are
those of the press; a time or a date that it does not give is `invented`.
"""

from datetime import date, timedelta
from pathlib import Path

from tests.scene import Scene

DEPARTMENTS = (
    "NR", "PS", "UM", "TP", "FR", "MR", "EE", "EM", "WR", "HC", "TR", "AG", "JU", "HE", "HR", "GR",
)  # fmt: skip


def raid(case: Scene, number: int, day: str, units: tuple[str, ...]) -> None:
    """One night's raid: the clerk types what each unit says over the radio."""
    lead, *others = units
    called = f"--lead {lead} " + " ".join(f"--assist {unit}" for unit in others)
    # the hours are invented
    case.at(f"{day} 22:00", f"blow -e sand-digging 金海湖 --kind joint {called}")
    case.at(f"{day} 22:01", f"approve {number} --as TZ/书记")
    for unit in units:
        case.at(f"{day} 22:31", f"arrive {number}/{unit} --behalf {unit} --told radio")
    case.at(f"{day} 23:00", f"act {number}/NR 立案 --behalf NR")
    if number <= 10:
        case.at(f"{day} 23:00", f"act {number}/PS 拘留 --behalf PS")
    for unit in units:
        case.at(f"{day} 23:30", f"finish {number}/{unit} --behalf {unit}")


def test_the_town_at_the_lake_whistles_for_sixteen_departments_through_117_days(
    tmp_path: Path,
) -> None:
    # 金海湖, 2017: after the accident of 14 May 2016 (six dead) the town may call 16 departments;
    # on the spot within 30 minutes; 117 days, 17 cases filed, 10 people detained (法治日报).
    # On duty: a clerk; the Party secretary commands. One raid a case, one person a raid: invented.
    case = Scene(tmp_path, "金海湖镇", "JH", "2017-03-01")  # invented
    case.at("08:00", "org person add TZ 书记 --role leader")
    nights = [date(2017, 3, 1) + timedelta(days=day) for day in range(0, 117, 7)]
    nights[-1] = date(2017, 3, 1) + timedelta(days=116)  # the campaign's last day
    for number, night in enumerate(nights, start=1):
        units = DEPARTMENTS if number == 1 else ("NR", "PS")
        raid(case, number, f"{night:%m-%d}", units)
    raids = " ".join(str(number) for number in range(1, 18))
    case.at("06-25 23:40", f"verify {raids} pass")
    case.at("06-25 23:40", f"close {raids}")

    assert (len(nights), len(DEPARTMENTS)) == (17, 16)
    assert (case.acts("立案"), case.acts("拘留")) == (17, 10)
    for unit in DEPARTMENTS:
        assert case.took("arrival", unit) == [30]
    assert case.late() == {}, "on the spot in the last of the 30 minutes, done in a night"
    assert case.counts("whistles", "calls", "on_scene", "ended") == [17, 48, 48, 17]
    assert case.view("inspect")["counts"]["by_stage"] == {"closed": 17}
    assert case.proved()


def test_rubble_is_dumped_and_the_squad_is_at_the_dumpers_door_within_the_hour(
    tmp_path: Path,
) -> None:
    # 平湖新埭镇, 6 May 2022: 13:52 the village reports, half an hour of four cameras, 14:47 at the
    # dumper's home, handed to the squad for the penalty; less than 2 h in all (爱国网嘉兴).
    # On duty: one clerk; the leader approves; the squad has its own screen.
    case = Scene(tmp_path, "新埭镇", "XD", "2022-05-06")
    case.at("08:00", "org person add TZ 镇长 --role leader")
    case.at("13:52", "report 施工废弃料 新埭镇 --channel grid --accept")
    case.at("13:53", "blow 1 --lead 城管 --assist 派出所")  # invented
    sounded = case.at("13:54", "approve 1 --as TZ/镇长")  # invented
    assert case.due(sounded, "UM", "ack") == "05-06 15:00", "an hour of work, from 14:00 on"
    case.at("14:05", "arrive 1 --as 城管")  # invented
    case.at("14:05", "arrive 1 --behalf 派出所")  # invented
    case.at("14:36", "act 1 inspect -m 四路监控半小时 --as 城管")  # invented
    case.at("14:47", "act 1 order -m 到当事人家中 --as 城管")
    case.at("15:30", "finish 1 --behalf 派出所")  # invented
    case.at("15:40", "finish 1 -m 立案处罚 --as 城管")  # invented
    case.at("15:45", "verify 1 pass")  # invented
    case.at("15:45", "close 1")

    assert case.hours_open() < 2
    assert case.found_to("order") == 55, "13:52 to 14:47"
    assert case.late() == {}
    assert case.incident()["channel"] == "grid"
    assert case.counts("answered", "on_scene", "finished", "overdue") == [2, 2, 2, 0]
    assert case.proved()


def test_an_illegal_building_is_found_served_and_down_in_six_hours(tmp_path: Path) -> None:
    # 西城万明园: found by the patrol, notice, demolished in 6 hours (中华网, 10 December 2018)
    # On duty: one clerk and the leader; power is cut by the company, which has no screen.
    case = Scene(tmp_path, "西城街道", "XC", "2018-11-06")  # invented
    case.at("08:00", "org person add TZ 主任 --role leader")
    case.at("09:00", "report 违建 万明园 --channel patrol --accept")  # invented
    case.at("09:05", "blow 1 --lead 城管 --assist 供电")  # invented
    sounded = case.at("09:10", "approve 1 --as TZ/主任")  # invented
    assert case.due(sounded, "UM", "arrive") == "11-06 11:10", "two hours (上海, art. 7)"
    assert case.due(sounded, "UM", "dispose") == "11-08 09:10", "two days without a pause"
    case.at("09:40", "arrive 1 --as 城管")  # invented
    case.at("09:45", "act 1 order -m 限期拆除通知书 --as 城管")  # invented
    case.at("10:30", "arrive 1 --behalf 供电")  # invented
    case.at("14:30", "finish 1 --behalf 供电")  # invented
    case.at("15:00", "act 1 demolish --as 城管")
    case.at("15:00", "finish 1 --as 城管")
    case.at("15:00", "verify 1 pass")
    case.at("15:00", "close 1")

    assert case.found_to("demolish") == 6 * 60
    assert case.hours_open() == 6
    assert case.late() == {"UT-POWER": ["ack"]}, "nobody there answered within the hour"
    assert case.proved()


SQUADS = ("城管", "公安", "市监", "交警")


def complained_of_again(case: Scene) -> None:
    """The town sends the stalls away itself; four nights later they are back."""
    case.at("06-01 20:30", "report 露天烧烤 文林街 --channel 12345 --accept")
    case.at("06-01 21:00", "incident handle 1 -m 当场劝离")
    case.at("06-01 21:30", "verify 1 pass")
    case.at("06-01 21:30", "callback 1 dissatisfied")
    case.at("06-01 21:31", "close 1")
    case.at("06-05 20:30", "reopen 1 -m 再次投诉")


def held_for_three_weeks(case: Scene) -> None:
    """Nobody leaves before it is done; what failed is done again under the same whistle."""
    for unit in SQUADS:
        case.at("06-07 17:30", f"arrive 1 --as {unit}")
    for unit in SQUADS:
        case.at("06-07 19:00", f"act 1 inspect --as {unit}")
    assert case.refused("06-07 23:00", "leave 1 --as 公安") == ["leave.reason"]
    assert case.refused("06-07 23:00", "close 1") == ["incident.in_hand"]
    for unit in SQUADS:
        case.at("06-17 23:00", f"finish 1 --as {unit}")
    case.at("06-19 20:30", "verify 1 fail -m 摊点回潮")
    assert case.counts("ended") == [0], "the whistle sounds again"
    for unit in SQUADS:
        case.at("06-28 23:00", f"finish 1 --as {unit}")
    case.at("06-29 20:30", "verify 1 pass")
    case.at("06-29 20:31", "callback 1 satisfied")
    case.at("06-29 20:31", "close 1")


def test_a_street_of_night_food_is_held_until_it_is_solved(tmp_path: Path) -> None:
    # 昆明华山街道 文林街: complaint after complaint, a whistle, more than 20 days of joint action,
    # nobody leaves before it is done and the whistle sounds until the case is closed
    # (事不了人不撤、案不结哨不停). Dates and hours are invented; four units, as published.
    case = Scene(tmp_path, "华山街道", "HS", "2021-06-01")
    case.at("08:00", "org person add TZ 主任 --role leader")
    complained_of_again(case)
    case.at(
        "06-07 17:00", "blow 1 --kind 攻坚 --lead 城管 --assist 公安 --assist 市监 --assist 交警"
    )
    sounded = case.at("06-07 17:05", "approve 1 --as TZ/主任")
    assert {each["call"].partition("/")[2] for each in sounded.facts["clocks"]} == {
        "UM", "PS", "MR", "TP",
    }  # fmt: skip
    held_for_three_weeks(case)

    days = 24 * 60
    for unit in ("UM", "PS", "MR", "TP"):
        assert case.took("commitment", unit)[0] > 20 * days
    assert set(case.late()) == {"UM", "PS", "MR", "TP"}
    assert all("dispose" in clocks for clocks in case.late().values())
    assert case.counts("whistles", "ended") == [1, 1]
    assert case.view("command")["counts"]["red"] == 4, "one working day later the town supervises"
    assert case.incident()["reworks"] == 1
    assert case.proved()


def test_six_units_look_at_the_night_stalls_together(tmp_path: Path) -> None:
    # 会东, 17 October 2024: a night check by six units. Which ones and the hours are invented.
    # On duty: a clerk and the leader; every unit has its own screen.
    case = Scene(tmp_path, "会东", "HD", "2024-10-17")
    case.at("08:00", "org person add TZ 镇长 --role leader")
    six = ("UM", "MR", "PS", "TP", "EE", "FR")
    others = " ".join(f"--assist {unit}" for unit in six[1:])
    case.at("19:00", "report 露天烧烤 夜市 --channel patrol --accept")  # invented
    case.at("19:05", f"blow 1 --kind joint --lead UM {others}")  # invented
    case.at("19:06", "approve 1 --as TZ/镇长")  # invented
    for unit in six:
        case.at("19:30", f"arrive 1 --as {unit}")  # invented
    assert case.refused("20:00", "leave 1 --as TP") == ["leave.reason"]
    for unit in six:
        case.at("22:30", f"finish 1 --as {unit}")  # invented
    case.at("22:30", "verify 1 pass")
    case.at("22:30", "close 1")

    assert case.counts("calls", "answered", "on_scene", "ended") == [6, 6, 6, 1]
    assert {tuple(case.took("arrival", unit)) for unit in six} == {(24,)}
    assert case.proved()


def test_a_night_check_that_was_ordered_begins_at_its_hour(tmp_path: Path) -> None:
    # 垫江, 24 June 2018: ordered by the inspection, the check begins at 22:00: the whistle
    # is set for the hour, and sounds though nobody types. The other times and the units are
    # invented.
    case = Scene(tmp_path, "垫江", "DJ", "2018-06-24")
    case.at("08:00", "org person add TZ 镇长 --role leader")
    case.at("16:00", "report 露天烧烤 夜市 --channel superior --accept")  # invented
    case.at("16:05", "blow 1 --kind joint --lead 城管 --assist 市监 --on 22:00")
    case.at("16:10", "approve 1 --as TZ/镇长")  # invented
    case.at("22:01", "clock tick")
    for unit in ("城管", "市监"):
        case.at("22:20", f"arrive 1 --as {unit}")  # invented
    for unit in ("城管", "市监"):
        case.at("23:30", f"finish 1 --as {unit}")  # invented
    case.at("23:40", "verify 1 pass")
    case.at("23:40", "close 1")

    assert case.took("arrival", "UM") == [19], "from when it sounded"
    assert case.incident()["channel"] == "superior"
    assert case.counts("on_scene", "ended", "overdue") == [2, 1, 0]
    assert case.proved()
