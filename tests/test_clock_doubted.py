"""A server whose clock misbehaved: what it stamped scores nobody, until the town has settled it."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.played import Played
from tests.shell import Shell
from whistle.domain.clock_anomaly import ClockAnomaly, ClockSettled, SettleClock
from whistle.domain.moment import DAY, HOUR, MINUTE, SECOND
from whistle.domain.suspect import Suspicion
from whistle.domain.whistle.call import Arrive
from whistle.domain.whistle.events import Arrived
from whistle.engine.assessing import assess


def scored(town: Played) -> dict[str, str]:
    """The units of the calls, and why they count or do not."""
    found = assess(town.log)
    counted = {row.unit: "counts" for row in found.assignments()}
    return {**counted, **{key[2]: why for key, why in found.kept_out.items()}}


def stepped_back(tmp_path: Path) -> tuple[Played, str]:
    """Given a whistle at two units; the gas company comes, the clock falls back, the fire too."""
    town = Played(tmp_path / "town.db")
    whistle = town.blow(town.report())
    town.call(whistle, Arrive("rq"))
    town.now -= HOUR
    town.call(whistle, Arrive("xf"))
    return town, whistle


def test_what_a_clock_stamped_that_fell_back_counts_nowhere(tmp_path: Path) -> None:
    town, _whistle = stepped_back(tmp_path)
    assert scored(town) == {"rq": "counts", "xf": "clock"}


def test_what_it_stamped_counts_once_a_leader_has_found_it_right(tmp_path: Path) -> None:
    town, _whistle = stepped_back(tmp_path)
    assert town.order("town/李镇长", "clock", SettleClock(1, right=True, reason="it ran fast"))
    assert scored(town) == {"rq": "counts", "xf": "counts"}


def test_found_wrong_it_stays_out_and_the_last_word_stands(tmp_path: Path) -> None:
    town, _whistle = stepped_back(tmp_path)
    town.order("town", "clock", SettleClock(1, right=True, reason="it ran fast"))
    town.order("town", "clock", SettleClock(1, right=False, reason="the battery was flat"))
    assert scored(town)["xf"] == "clock"


def test_a_corrected_instant_is_not_the_clocks_any_more(tmp_path: Path) -> None:
    town, whistle = stepped_back(tmp_path)
    arrived = town.seq_of(whistle, Arrived, "xf")
    right = next(told.event.at for told in town.told(whistle) if isinstance(told.event, Arrived))
    town.now += 2 * HOUR
    town.correct(whistle, arrived, at=right)
    acknowledged = arrived - 1  # coming was the answer, stamped by the same clock
    assert scored(town)["xf"] == "clock"
    town.correct(whistle, acknowledged, at=right)
    assert scored(town) == {"rq": "counts", "xf": "counts"}


def test_a_clock_that_has_caught_up_is_trusted_again(tmp_path: Path) -> None:
    town, _whistle = stepped_back(tmp_path)
    town.now += 2 * HOUR
    second = town.blow(town.report())
    town.call(second, Arrive("rq"))
    late = [row for row in assess(town.log).assignments() if row.key[1] == second]
    assert {row.unit for row in late} == {"rq", "xf"}


def test_after_a_leap_nothing_counts_until_it_is_settled(tmp_path: Path) -> None:
    town = Played(tmp_path / "town.db")
    town.now += 31 * DAY  # a long rest, or a wrong year
    whistle = town.blow(town.report())
    town.call(whistle, Arrive("rq"))
    assert set(scored(town).values()) == {"clock"}
    town.order("town", "clock", SettleClock(1, right=True, reason="the office had moved"))
    assert set(scored(town).values()) == {"counts"}


def test_only_the_town_settles_and_says_how_it_knows(tmp_path: Path) -> None:
    town, _whistle = stepped_back(tmp_path)
    assert not town.order("jj", "clock", SettleClock(1, right=True, reason="we were there"))
    assert not town.order("town", "clock", SettleClock(1, right=True, reason=" "))
    assert not town.order("town", "clock", SettleClock(2, right=True, reason="which one?"))
    assert not town.order("town", "clock", SettleClock(0, right=True, reason="which one?"))


def test_the_record_with_its_anomaly_proves_itself(tmp_path: Path) -> None:
    town, _whistle = stepped_back(tmp_path)
    assert town.log.verify().ok
    town.order("town", "clock", SettleClock(1, right=True, reason="it ran fast"))
    assert town.log.verify().ok


def test_the_desk_says_it_on_every_page_and_how_to_settle_it(tmp_path: Path) -> None:
    desk = Shell(tmp_path).founded()
    desk.line("whistle blow -e gas-leak 'Caoqiao Rd'")
    desk.now -= HOUR
    desk.line("whistle arrive 1 --as rq")
    assert desk.json("inbox").rules == ["clock.doubted"]
    ledger = desk.json("assess", "ledger")
    assert ledger.facts["kept_out"] == {"clock": 1}
    assert "whistle clock settle 1 --right" in desk("assess", "ledger").text
    (anomaly,) = desk.json("clock", "anomalies").facts
    assert (anomaly["number"], anomaly["right"]) == (1, None)
    assert -HOUR // SECOND <= anomaly["moved_s"] < -HOUR // SECOND + 60
    desk.line("whistle clock settle 1 --right -m 'the radio clock says so'")
    settled = desk.json("assess", "ledger")
    assert settled.rules == []
    assert settled.facts["kept_out"] == {}
    assert desk("clock", "settle", "1").code == 2
    assert desk("clock", "settle", "1", "--right").code == 5
    assert desk("clock", "settle", "7", "--right", "-m", "why").code == 3
    assert desk("clock", "settle", "1", "--right", "-m", "why", "--as", "rq").code == 4


moves = st.lists(st.integers(-3 * HOUR, 40 * DAY).map(lambda us: us - us % SECOND), max_size=12)


@given(moves=moves)
def test_an_event_is_doubted_exactly_while_the_clock_is(moves: list[int]) -> None:
    """Told again by the simplest rule there is: walk the record, remember what is wrong."""
    suspicion, last, now, seq = Suspicion(), 0, 100 * DAY, 0
    behind = leapt = False
    expected: dict[int, bool] = {}
    for move in [0, *moves]:
        now += move
        was_behind, behind = behind, last - now > 5 * SECOND
        leap = last > 0 and now - last > 30 * DAY
        if (behind and not was_behind) or leap:
            seq += 1
            leapt = leap if leap else False  # a step back is what ends a leap
            suspicion.hear(seq, ClockAnomaly(at=now, last_recorded_at=last))
            last = max(now, last + 1)
        seq += 1
        last = max(now, last + 1)
        suspicion.stamped(seq, last, now)
        expected[seq] = behind or leapt
        now = max(now, 0)
    assert {seq: suspicion.of(seq) is not None for seq in expected} == expected


def test_a_verdict_names_its_anomaly_by_number() -> None:
    suspicion = Suspicion()
    suspicion.hear(5, ClockAnomaly(at=0, last_recorded_at=HOUR))
    suspicion.hear(9, ClockAnomaly(at=90 * DAY, last_recorded_at=HOUR + MINUTE))
    suspicion.hear(12, ClockSettled(at=91 * DAY, number=1, right=True, reason="so it was"))
    assert [span.right for span in suspicion] == [True, None]


def test_the_log_of_an_untroubled_town_keeps_nobody_out(tmp_path: Path) -> None:
    town = Played(tmp_path / "town.db")
    town.call(town.blow(town.report()), Arrive("rq"))
    assert assess(town.log).kept_out == {}
    town.close()
