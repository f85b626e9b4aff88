"""Live work in the ledger: what counts, from when, and held to which limit."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.played import Played
from whistle.domain.as_of import as_of
from whistle.domain.facts import TELLING, fact
from whistle.domain.incident.outcome import VerifyIncident
from whistle.domain.ledger import Assignment
from whistle.domain.measures import summary
from whistle.domain.message import Event
from whistle.domain.moment import MINUTE
from whistle.domain.whistle.call import Acknowledge, Arrive, Finish
from whistle.domain.whistle.events import Acknowledged, Arrived, CallDelivered, Finished
from whistle.engine.assessing import assess
from whistle.log.verify import nothing


@pytest.fixture
def town(tmp_path: Path) -> Any:
    played = Played(tmp_path / "town.db")
    yield played
    played.close()


def row_of(
    town: Played, unit: str, until: int | None = None, known_at: int | None = None
) -> Assignment:
    rows = assess(town.log, until=until, known_at=known_at).ledger.assignments()
    return next(row for row in rows if row.unit == unit)


def when(town: Played, called: str, kind: type[Event], unit: str) -> list[int]:
    told = (each.event for each in town.told(called))
    return [each.at for each in told if isinstance(each, kind) and each.concerns() == (unit,)]


def worked(town: Played) -> tuple[str, str]:
    """A gas leak: the gas company answers, comes and finishes."""
    incident = town.report("gas-leak")
    called = town.blow(incident)
    for order in (Acknowledge(unit="rq"), Arrive(unit="rq"), Finish(unit="rq")):
        assert town.call(called, order)
    return incident, called


def test_a_live_call_counts_from_its_delivery_beside_imported_ones(town: Played) -> None:
    incident, called = worked(town)
    town.import_facts([("A", "E1", "whistled", 5 * MINUTE), ("A", "E1", "arrived", 9 * MINUTE)])
    found = assess(town.log)
    by_unit = {row.unit: row for row in found.ledger.assignments()}
    row = by_unit["rq"]
    assert row.key == ("", called, "rq")
    assert row.incident == ("", incident)
    assert row.label == f"{found.names[called]}/rq"
    assert [row.whistled] == when(town, called, CallDelivered, "rq")
    assert [row.acknowledged] == when(town, called, Acknowledged, "rq")
    assert [row.arrived] == when(town, called, Arrived, "rq")
    assert [row.finished] == when(town, called, Finished, "rq")
    assert by_unit["E1"].incident == ("sf", "A")
    assert summary(found.ledger.assignments())["overall"]["incidents"] == 2


def test_a_live_call_is_held_to_the_limits_of_its_playbook(town: Played) -> None:
    worked(town)
    row = row_of(town, "rq")
    assert row.whistled is not None
    assert {metric: due - row.whistled for metric, due in row.dues.items()} == {
        "ack": 5 * MINUTE,
        "arrival": 30 * MINUTE,
        "commitment": 60 * MINUTE,
    }  # 5em, 30em and 1eh of the test town's playbook
    ack = summary([row])["overall"]["metrics"]["ack"]
    assert (ack["n_limited"], ack["limit_s"], ack["on_time"]) == (1, 300, 1)


def test_a_part_done_again_is_finished_when_it_was_done_for_good(town: Played) -> None:
    incident, called = worked(town)
    (first,) = when(town, called, Finished, "rq")
    xf = (Acknowledge(unit="xf"), Arrive(unit="xf"), Finish(unit="xf"))
    assert all(town.call(called, order) for order in xf)
    assert town.order("town/小周", incident, VerifyIncident(passed=False))
    failed = town.now
    assert row_of(town, "rq").finished is None
    assert town.call(called, Finish(unit="rq"))
    (_, last) = when(town, called, Finished, "rq")
    assert row_of(town, "rq").finished == last
    assert row_of(town, "rq", until=failed - 1).finished == first
    extras = assess(town.log).ledger.extras()
    assert [(extra.unit, extra.counts_at) for extra in extras if extra.unit == "rq"] == [
        ("rq", first)
    ]
    ledger = assess(town.log).ledger
    finished = [
        as_of(ledger.assignments(at), at)["finished"] for at in (first, failed - 1, failed, last)
    ]
    assert finished == [1, 2, 0, 1]


def test_a_corrected_instant_counts_once_the_correction_is_known(town: Played) -> None:
    _, called = worked(town)
    (arrived,) = when(town, called, Arrived, "rq")
    assert town.correct(called, town.seq_of(called, Arrived, "rq"), at=arrived - MINUTE // 2)
    assert row_of(town, "rq").arrived == arrived - MINUTE // 2
    assert row_of(town, "rq", known_at=town.now - 1).arrived == arrived


def test_a_log_that_grew_meanwhile_is_named_by_the_root_of_what_was_proved(town: Played) -> None:
    worked(town)
    size, root = town.log.size(), town.log.root().hex()

    def counting(rows: Iterator[Any]) -> None:
        next(rows)
        town.report("gas-leak")  # another desk writes while this one counts
        nothing(rows)

    found = town.log.proved(counting, list[None])
    assert (found.size, found.root.hex()) == (size, root)
    assert town.log.size() > size


def test_every_event_that_tells_the_ledger_is_known_to_who_skips_the_others(town: Played) -> None:
    worked(town)
    for told in town.log.page(0, 1000):
        known = fact(told.event, told.stream, told.correlation_id or "", told.seq)
        assert known is None or type(told.event) in TELLING
        if known is not None:
            assert known.seq == told.seq
