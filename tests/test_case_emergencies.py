"""Published emergencies, played at the duty desk: a gas pipe, three water mains, a night's sewage.

One duty officer is all there is: units in the field have no screen, they call, and the officer
types for them. The figures are those of the press; a time that it does not give is `invented`.
"""

from pathlib import Path

import pytest

from tests.scene import Scene


def test_a_gas_pipe_is_hit_and_the_gas_company_is_there_in_a_quarter_of_an_hour(
    tmp_path: Path,
) -> None:
    # 衡阳草桥社区, 4 November 2019: found in the afternoon, cordon, the gas company at +15 min,
    # fixed 17:20 (isa-hsse.com). On duty: one officer of the street office.
    case = Scene(tmp_path, "草桥社区", "CQ", "2019-11-04")
    case.at("08:00", "org unit reach UT-GAS phone")  # a control room, no inbox

    sounded = case.at("16:30", "吹哨 -e 燃气泄漏 草桥社区 --牵头 燃气 --协办 应急")  # invented
    assert case.due(sounded, "EM", "arrive") == "11-04 17:00"
    told = case.at("16:30", "deliver 1/UT-GAS --to 值班员")
    assert case.due(told, "UT-GAS", "dispose") == "11-04 17:30", "an hour to make it safe"
    case.at("16:32", "arrive 1 --behalf EM")  # invented
    case.at("16:33", "act 1/EM cordon --behalf EM")  # invented
    case.at("16:34", "ack 1 --behalf 燃气 --speaker 值班员 -t 11m")  # invented
    case.at("16:45", "arrive 1 --behalf 燃气 --speaker 值班员")
    case.at("17:20", "finish 1 --behalf 燃气 -m 管道已修复")
    case.at("17:20", "finish 1 --behalf EM")
    case.at("17:25", "leave 1")  # invented
    case.at("17:25", "verify 1 pass")
    case.at("17:30", "rate 1/燃气 100")  # invented
    case.at("17:30", "close 1")

    assert case.took("arrival", "UT-GAS") == [15]
    assert case.took("disposal", "UT-GAS") == [35]
    assert case.took("commitment", "UT-GAS") == [50]
    assert case.late() == {}, "within every limit of the gas leak"
    assert case.counts("whistles", "on_scene", "ended", "overdue") == [1, 2, 1, 0]
    assert case.marks() == {"UT-GAS": 100}
    assert case.incident()["outcome"] == "fixed"
    assert case.proved()


def test_what_the_officer_typed_waits_for_the_gas_company_to_say_it_was_so(tmp_path: Path) -> None:
    # the same afternoon, but the officer was outside at the cordon and typed it all at half past
    case = Scene(tmp_path, "草桥社区", "CQ", "2019-11-04")
    case.at("16:30", "blow -e gas-leak 草桥社区 --lead 燃气 --assist 应急")  # invented
    case.at("17:30", "arrive 1 --behalf 燃气 --speaker 值班员 --at 16:45")
    case.at("17:30", "finish 1 --behalf 燃气 --at 17:20")
    assert case.took("arrival", "UT-GAS") == [60], "the hour of typing, until it is confirmed"
    assert case.late() == {"EM": ["ack", "arrive", "dispose"], "UT-GAS": ["ack", "arrive"]}

    case.at("17:40", "confirm 1 --as 燃气")  # invented
    assert case.took("arrival", "UT-GAS") == [15]
    assert case.took("commitment", "UT-GAS") == [50]
    assert case.late()["UT-GAS"] == ["ack"], "15 minutes are no answer within 5"
    assert case.proved()


def test_a_gas_pipe_is_whole_again_within_half_an_hour(tmp_path: Path) -> None:
    # 宜都, 16 August 2023: less than 30 minutes from end to end; the hours are invented.
    # On duty: one officer; the gas company tells by phone.
    case = Scene(tmp_path, "宜都", "YD", "2023-08-16")
    case.at("15:00", "blow -e gas-leak 宜都 --lead 燃气 --assist 应急")  # invented
    case.at("15:02", "ack 1 --behalf 燃气")  # invented
    case.at("15:03", "ack 1 --behalf 应急")  # invented
    for unit in ("应急", "燃气"):
        case.at("15:10", f"arrive 1 --behalf {unit}")  # invented
    for unit in ("应急", "燃气"):
        case.at("15:28", f"finish 1 --behalf {unit}")  # invented
    case.at("15:29", "verify 1 pass")
    case.at("15:29", "close 1")

    assert case.hours_open() < 0.5
    assert case.took("commitment", "UT-GAS") == [28]
    assert case.late() == {}
    assert case.proved()


@pytest.mark.parametrize(
    ("town", "day", "called", "there", "restored", "minutes"),
    [
        # 合川, 9 November 2022: 07:00 called, 07:40 crew, 12:00 restored (今日合川)
        ("合川", "2022-11-09", "07:00", "07:40", "12:00", 300),
        # 金华, DN400: 04:00 called, 10:40 restored; day and arrival invented
        ("金华", "2022-01-12", "04:00", "04:25", "10:40", 400),
    ],
)
def test_a_water_main_bursts_and_the_crew_is_marked_for_what_it_took(
    tmp_path: Path, town: str, day: str, called: str, there: str, restored: str, minutes: int
) -> None:
    # on duty: one officer; the water company tells by phone
    case = Scene(tmp_path, town, "SG", day)
    case.at(called, f"blow -e 供水管破裂 {town} --lead 供水 --assist 住建")
    case.at(called, "arrive 1 --behalf 住建")  # the street's own man stands beside it; invented
    case.at(there, "arrive 1 --behalf 供水")
    for unit in ("住建", "供水"):
        case.at(there, f"act 1/{unit} inspect --behalf {unit}")
    case.at(restored, "finish 1 --behalf 供水 -m 恢复供水")
    case.at(restored, "finish 1 --behalf 住建")
    case.at(restored, "verify 1 pass")
    case.at(restored, "close 1")

    assert case.took("commitment", "UT-WATER") == [minutes]
    assert case.hours_open() == minutes / 60
    late = case.late()
    assert late["HC"] == ["dispose"], "one hour for a main: nobody of the two kept it"
    assert ("arrive" in late["UT-WATER"]) == (case.took("arrival", "UT-WATER")[0] > 30)
    assert case.view("command")["counts"]["yellow"] >= 2
    assert case.proved()


def test_water_is_back_at_night_but_the_case_stays_open_until_the_road_is_clean(
    tmp_path: Path,
) -> None:
    # 当阳: 1 June 22:00, supply back on 2 June 03:30, road cleaned 14:00 (dangyang.cjyun.org);
    # the year is invented. On duty: one officer, relieved by another in the morning.
    case = Scene(tmp_path, "当阳", "DY", "2019-06-01")
    case.at("22:00", "blow -e 供水管破裂 当阳 --lead 供水 --assist 环卫")
    case.at("22:20", "arrive 1 --behalf 供水")  # invented
    case.at("06-02 03:30", "finish 1 --behalf 供水 -m 恢复供水")
    assert case.refused("06-02 03:31", "verify 1 pass") == ["verify.sounding"]
    case.at("06-02 08:00", "arrive 1 --behalf 环卫")  # invented
    case.at("06-02 14:00", "finish 1 --behalf 环卫 -m 路面清理")
    case.at("06-02 14:00", "verify 1 pass")
    case.at("06-02 14:00", "close 1")

    assert case.took("commitment", "UT-WATER") == [5 * 60 + 30]
    assert case.took("commitment", "SAN") == [16 * 60]
    assert case.hours_open() == 16
    assert case.late() == {
        "SAN": ["ack", "arrive", "dispose", "feedback"],
        "UT-WATER": ["ack", "dispose", "feedback"],
    }
    assert case.proved()


def test_the_township_calls_and_the_county_answers(tmp_path: Path) -> None:
    # 岚山高兴镇, Saturday 26 October 2019: a patrol finds a tanker that dumps sewage, calls, the
    # county's environment branch comes, the vehicle is seized, closed loop 2 h (日照日报).
    # On duty: one officer of the town's platform and, by phone, the leader.
    case = Scene(tmp_path, "高兴镇", "GX", "2019-10-26")
    case.at("08:00", "org person add TZ 镇长 --role leader")
    case.at("14:00", "report sewage-dumping 高兴镇 --channel patrol --accept")  # invented
    case.at("14:01", "blow 1 --lead 环保 --assist 城管")
    sounded = case.at("14:02", "approve 1 --as TZ/镇长")
    assert case.due(sounded, "EE", "ack") == "10-28 09:00", "a Saturday: work begins on Monday"
    case.at("14:10", "arrive 1 --as 城管")  # invented
    case.at("14:40", "arrive 1 --behalf 环保")  # invented
    case.at("15:10", "act 1/环保 seize --behalf 环保 -m 扣押车辆")  # invented
    case.at("15:50", "finish 1 --behalf 环保")  # invented
    case.at("15:50", "finish 1 --as 城管")
    case.at("16:00", "verify 1 pass")
    case.at("16:00", "close 1")

    assert case.hours_open() == 2
    assert case.late() == {}
    assert case.acts("seize") == 1
    assert case.incident()["channel"] == "patrol"
    assert case.counts("answered", "finished", "ended") == [2, 2, 1]
    assert case.proved()
