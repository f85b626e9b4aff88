"""Told times in the figures: confirmed they count, contested for nobody; and who typed late."""

from pathlib import Path
from typing import Any

import pytest

from projections import ledger, open_views
from tests.played import LEADER, Played
from tests.shell import Shell, evening_at
from tests.town import TOWN
from whistle.domain.moment import MINUTE, SECOND, Instant
from whistle.domain.recording import by_recorder
from whistle.domain.taken_back import TakeBack
from whistle.domain.unit import AddPerson
from whistle.domain.whistle.call import Acknowledge, Arrive
from whistle.domain.whistle.events import Arrived
from whistle.domain.whistle.hearing import ConfirmTold, ContestTold, RuleTold
from whistle.domain.whistle.told_events import ToldConfirmed
from whistle.engine import Given
from whistle.engine.assessing import Assessed, assess


@pytest.fixture
def town(tmp_path: Path) -> Any:
    played = Played(tmp_path / "town.db")
    yield played
    played.close()


def told(town: Played) -> tuple[str, Instant]:
    """The gas company came; the clerk typed it 20 minutes later. Also the instant claimed."""
    called = town.blow(town.report("gas-leak"))
    assert town.call(called, Acknowledge(unit="xf"))
    claimed = town.now + MINUTE
    town.now += 20 * MINUTE
    order = Given(called, Arrive(unit="rq"))
    assert town.ask("town/小周>rq", order, happened_at=claimed)
    return called, claimed


def row_of(found: Assessed, unit: str = "rq") -> Any:
    return next((row for row in found.assignments() if row.unit == unit), None)


def test_a_claimed_time_counts_from_its_confirmation_on(town: Played) -> None:
    called, claimed = told(town)
    typed = town.now
    assert row_of(assess(town.log)).arrived == typed
    assert town.order("rq", called, ConfirmTold(unit="rq"))
    assert row_of(assess(town.log)).arrived == claimed
    assert row_of(assess(town.log, known_at=town.now - 1)).arrived == typed
    with open_views(town.log, town.views_at) as views:
        assert ledger.assignments(views) == assess(town.log).ledger.assignments()


def test_being_typed_late_is_the_recorders_own_figure(town: Played) -> None:
    called, claimed = told(town)
    late = (town.now - claimed) // SECOND
    assert by_recorder(assess(town.log).delays) == {}  # nobody has confirmed it yet
    assert town.order("rq", called, ConfirmTold(unit="rq"))
    figures = {TOWN: {"n": 1, "sum_s": late, "max_s": late, "p50_nearest_s": late}}
    assert by_recorder(assess(town.log).delays) == figures
    assert by_recorder(assess(town.log, known_at=town.now - 1).delays) == {}


def test_a_contested_call_is_in_no_numerator_and_no_denominator_until_ruled(
    town: Played,
) -> None:
    called, claimed = told(town)
    typed = town.now
    assert town.order("rq", called, ContestTold(unit="rq", reason="门岗登记更早"))
    contested_at = town.now
    found = assess(town.log)
    assert found.kept_out == {("", called, "rq"): "contested"}
    assert row_of(found) is None
    assert row_of(found, "xf") is not None
    assert row_of(assess(town.log, known_at=contested_at - 1)).arrived == typed
    ruled = RuleTold(unit="rq", counts=claimed - 30 * SECOND, reason="门岗录像")
    assert town.order(leader_of(town), called, ruled)
    found = assess(town.log)
    assert (found.kept_out, row_of(found).arrived) == ({}, claimed - 30 * SECOND)
    assert [each.late for each in found.delays] == [typed - claimed + 30 * SECOND]


def leader_of(town: Played) -> str:
    """The town of the game knows its leader by name from now on."""
    with town.log.reading() as reader:
        (office,) = reader.named("unit", TOWN)
    town.order(TOWN, office.stream, AddPerson(unit=TOWN, person="李镇长", role="leader"))
    return LEADER


def test_an_undone_confirmation_counts_no_more(town: Played) -> None:
    called, _claimed = told(town)
    typed = town.now
    assert town.order("rq", called, ConfirmTold(unit="rq"))
    seq = town.seq_of(called, ToldConfirmed)
    assert town.order("rq", called, TakeBack(seq=seq))
    found = assess(town.log)
    assert (row_of(found).arrived, found.delays) == (typed, ())
    assert town.seq_of(called, Arrived, "rq") < seq


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    return evening_at(tmp_path)


def test_a_call_by_phone_from_the_words_typed_to_the_score(desk: Shell) -> None:
    desk.now += 20 * MINUTE
    said = desk("arrive", "1", "--behalf", "xf", "--told", "radio", "--speaker", "值班员",
                "--at", "-12m")  # fmt: skip
    assert said.code == 0
    assert "counts once the other side has confirmed it" in said.text
    waits = [row for row in desk.json("inbox", "--as", "xf").facts if row["verb"] == "confirm"]
    assert [row["name"] for row in waits] == ["W-WY26-00001/FR"]
    assert "by radio (值班员)" in desk("inbox", "--as", "xf").text
    desk.json("contest", "1", "--as", "xf", "-m", "later than that")
    found = desk.json("assess", "ledger").facts
    assert found["kept_out"] == {"contested": 1}
    assert "whistle rule W-WY26-00001/FR" in desk("assess", "ledger").text
    desk.json("org", "person", "add", "TZ", "老李", "--role", "leader")
    said = desk("rule", "1", "--at", "-10m", "-m", "camera at the gate", "--as", "TZ/老李")
    assert "counts from now on" in said.text
    found = desk.json("assess", "ledger").facts
    assert found["kept_out"] == {}
    assert found["recorders"]["TZ"]["n"] == 1
    assert 590 < found["recorders"]["TZ"]["sum_s"] < 600  # ten minutes, less the words between
    assert desk.json("audit", "verify").facts["ok"]


def test_every_score_says_that_identities_are_self_declared(desk: Shell) -> None:
    for what in ("ledger", "rank", "incidents", "quality"):
        assert desk.json("assess", what).facts["identities"] == "self-declared"
        assert "identities: self-declared" in desk("assess", what).text
    sheet = desk("assess", "incidents", "--csv")
    assert "identities: self-declared" in sheet.told


def test_it_is_typed_in_chinese_too(desk: Shell) -> None:
    desk.line("whistle 签收 1 --代 消防 --口述 电话 --口述人 值班室")
    desk.line("whistle 确认 1 --as 消防")
    desk.line("whistle 报到 1 --代 消防")
    desk.line("whistle 异议 1 --as 消防 -m 还在路上")


def test_a_mouth_without_a_unit_is_nobodys(desk: Shell) -> None:
    assert desk.json("ack", "1", "--told", "phone", code=2)
    assert desk.json("ack", "1", "--speaker", "值班员", "--as", "xf", code=2)
    assert desk.json("rule", "1", "--as-typed", code=2)
    assert desk.json("confirm", "1/FR", code=5).rules == ["told.nothing"]
