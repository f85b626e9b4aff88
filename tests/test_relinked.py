"""An insider who computes every leaf and the head anew after his change."""

from typing import Any

import pytest

from tests.office import Office
from tests.touched import seq_of, stamp_of, untied_day
from whistle.log.leaf import leaf
from whistle.log.rows import SELECT, sealed
from whistle.log.tree import Frontier
from whistle.log.verify import Verdict


@pytest.fixture
def day(office: Office) -> Office:
    return untied_day(office)


def relinked(day: Office, change: str, *values: Any) -> Verdict:
    """What the proof says to an insider who changed rows and computed every leaf and root anew."""
    with day.behind() as tool:
        tool.execute(change, values)
        tree = Frontier()
        rows = tool.execute(f"{SELECT} ORDER BY seq").fetchall()
        for row, _old in sealed(rows, day.log.identity):
            tree.add(leaf(row))
            tool.execute("UPDATE ledger SET leaf = ? WHERE seq = ?", (leaf(row), row.seq))
        tool.execute("UPDATE ledger_head SET size = ?, frontier = ?", (tree.size, tree.hashes))
    return day.log.verify()


def test_a_number_missing_in_a_units_record_is_named_even_with_right_leaves(day: Office) -> None:
    seq = seq_of(day, "whistle.acknowledged/1")
    found = relinked(day, "UPDATE ledger SET units = 'rq:5' WHERE seq = ?", seq)
    assert (found.ok, found.first_bad_seq) == (False, seq)
    assert "misses a number" in str(found.reason)


def test_a_version_missing_in_a_stream_is_named_even_with_right_leaves(day: Office) -> None:
    seq = seq_of(day, "whistle.acknowledged/1")
    found = relinked(day, "UPDATE events SET originator_version = 40 WHERE position = ?", seq)
    assert (found.ok, found.first_bad_seq) == (False, seq)
    assert "misses a version" in str(found.reason)


def test_a_time_that_runs_backwards_is_named_even_with_right_leaves(day: Office) -> None:
    found = relinked(day, "UPDATE ledger SET recorded_at = 1 WHERE seq = ?", 5)
    assert (found.ok, found.first_bad_seq) == (False, 5)
    assert "recorded before" in str(found.reason)


def test_who_recomputes_everything_is_found_by_a_root_kept_elsewhere(day: Office) -> None:
    kept = day.log.root()
    seq = seq_of(day, "whistle.acknowledged/1")
    found = relinked(day, f"UPDATE commands SET received_at = 1{stamp_of('received_at', seq)}")
    assert found.ok
    assert found.root != kept.hex()
