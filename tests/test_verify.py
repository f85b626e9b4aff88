"""Proving the record: whatever somebody changes behind the engine's back is found and named."""

from typing import Any

import pytest

from tests.office import Office, untie
from tests.town import at
from whistle.domain.refusal import Broken
from whistle.domain.whistle.call import Acknowledge, Arrive
from whistle.log.verify import Verdict


@pytest.fixture
def day(office: Office) -> Office:
    """A day's work on record; nothing holds a database tool back any more."""
    office.blow()
    office.clock.now = at("09:02")
    office.ask(
        ("w1", Acknowledge(unit="rq")), by="rq", happened_at=at("09:01"), happened_why="占线"
    )
    office.ask(("w1", Arrive(unit="xf")), by="town>xf")
    with office.behind() as tool:
        untie(tool)
    return office


def verdict(day: Office, *statements: str) -> Verdict:
    """What the proof says after these statements."""
    with day.behind() as tool:
        for statement in statements:
            tool.execute(statement)
    return day.log.verify()


def seq_of(day: Office, topic: str) -> int:
    """The place of the first event under a topic."""
    return next(each.seq for each in day.told() if each.topic == topic)


def test_an_untouched_record_proves_itself(day: Office) -> None:
    size = len(day.told())
    assert day.log.verify() == Verdict(ok=True, size=size, root=day.log.root().hex())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("recorded_at", "recorded_at + 1"),
        ("received_at", "received_at - 60000000"),
        ("happened_at", "1"),
        ("happened_at", "NULL"),
        ("happened_why", "'x'"),
        ("happened_why", "''"),
        ("command_id", "randomblob(16)"),
        ("command_digest", "randomblob(32)"),
        ("actor_unit", "'xf'"),
        ("actor_unit", "NULL"),
        ("actor_person", "'李镇长'"),
        ("actor_role", "'leader'"),
        ("behalf_unit", "'jj'"),
        ("correlation_id", "'i2'"),
        ("causation_seq", "2"),
        ("units", "'rq:9'"),
        ("units", "'nonsense'"),
        ("units", "NULL"),
        ("leaf", "randomblob(32)"),
        ("leaf", "x''"),
    ],
)
def test_a_changed_stamp_is_named(day: Office, column: str, value: str) -> None:
    seq = seq_of(day, "whistle.acknowledged/1")
    found = verdict(day, f"UPDATE ledger SET {column} = {value} WHERE seq = {seq}")
    assert (found.ok, found.first_bad_seq) == (False, seq)


@pytest.mark.parametrize("column", ["command_id", "command_digest", "actor_unit", "received_at"])
def test_a_changed_stamp_is_named_in_every_event_of_an_order(day: Office, column: str) -> None:
    # the events of one order share their stamp; each is covered by its own leaf
    seq = seq_of(day, "whistle.call_delivered/1")
    value = "zeroblob(16)" if column.startswith("command") else "77"
    found = verdict(day, f"UPDATE ledger SET {column} = {value} WHERE seq = {seq}")
    assert (found.ok, found.first_bad_seq) == (False, seq)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("originator_id", "'w2'"),
        ("originator_version", "originator_version + 100"),
        ("topic", "'whistle.departed/1'"),
        ("topic", "'this:s'"),
        ("state", "CAST(replace(state, 'rq', 'xf') AS BLOB)"),
        ("state", "CAST(state || ' ' AS BLOB)"),
        ("state", "x''"),
    ],
)
def test_a_changed_event_is_named(day: Office, column: str, value: str) -> None:
    seq = seq_of(day, "whistle.acknowledged/1")
    found = verdict(day, f"UPDATE events SET {column} = {value} WHERE position = {seq}")
    assert (found.ok, found.first_bad_seq) == (False, seq)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("events", "state", "'text and no bytes'"),
        ("events", "topic", "x'ff'"),
        ("events", "originator_version", "'first'"),
        ("ledger", "recorded_at", "'noon'"),
        ("ledger", "command_id", "'text'"),
        ("ledger", "command_id", "x'00'"),
        ("ledger", "command_digest", "'text'"),
        ("ledger", "units", "7"),
        ("ledger", "leaf", "'text'"),
    ],
)
def test_a_value_of_a_wrong_type_is_named_and_no_accident(
    day: Office, table: str, column: str, value: str
) -> None:
    seq = seq_of(day, "whistle.acknowledged/1")
    key = "position" if table == "events" else "seq"
    found = verdict(day, f"UPDATE {table} SET {column} = {value} WHERE {key} = {seq}")
    assert (found.ok, found.first_bad_seq) == (False, seq)


def test_a_deleted_event_is_named(day: Office) -> None:
    assert verdict(day, "DELETE FROM events WHERE position = 4").first_bad_seq == 4


def test_a_deleted_leaf_is_named_where_it_is_missing(day: Office) -> None:
    found = verdict(day, "DELETE FROM ledger WHERE seq = 4")
    assert (found.ok, found.first_bad_seq) == (False, 4)


def test_a_deleted_event_with_its_leaf_is_named_where_it_is_missing(day: Office) -> None:
    found = verdict(
        day, "DELETE FROM events WHERE position = 4", "DELETE FROM ledger WHERE seq = 4"
    )
    assert (found.ok, found.first_bad_seq) == (False, 4)


def test_the_first_of_two_faults_is_named(day: Office) -> None:
    size = len(day.told())
    found = verdict(
        day,
        "INSERT INTO events VALUES (999, 'w9', 1, 'whistle.ended/1', x'7b7d')",
        f"UPDATE events SET state = x'00' WHERE position = {size}",
        "UPDATE events SET state = x'00' WHERE position = 3",
    )
    assert found.first_bad_seq == 3


def test_an_event_put_in_without_a_leaf_is_named(day: Office) -> None:
    size = len(day.told())
    forged = f"INSERT INTO events VALUES ({size + 1}, 'w9', 1, 'whistle.ended/1', x'7b7d')"
    found = verdict(day, forged)
    assert (found.ok, found.first_bad_seq) == (False, size + 1)
    assert "no leaf" in str(found.reason)


def test_a_leaf_without_an_event_is_named(day: Office) -> None:
    size = len(day.told())
    copied = (
        f"INSERT INTO ledger SELECT {size + 1}, recorded_at + 1, received_at, happened_at, "
        "happened_why, command_id, command_digest, actor_unit, actor_person, actor_role, "
        f"behalf_unit, correlation_id, causation_seq, units, leaf FROM ledger WHERE seq = {size}"
    )
    found = verdict(day, copied)
    assert (found.ok, found.first_bad_seq) == (False, size + 1)
    assert "no event stands there" in str(found.reason)


def test_two_events_that_changed_places_are_named(day: Office) -> None:
    found = verdict(
        day,
        "UPDATE events SET position = -1 WHERE position = 5",
        "UPDATE events SET position = 5 WHERE position = 6",
        "UPDATE events SET position = 6 WHERE position = -1",
    )
    assert (found.ok, found.first_bad_seq) == (False, 5)


def test_two_whole_rows_that_changed_places_are_named(day: Office) -> None:
    swaps = [
        f"UPDATE {table} SET {key} = {new} WHERE {key} = {old}"
        for table, key in (("events", "position"), ("ledger", "seq"))
        for old, new in ((5, -1), (6, 5), (-1, 6))
    ]
    found = verdict(day, *swaps)
    assert (found.ok, found.first_bad_seq) == (False, 5)


def test_a_truncated_record_is_named_where_it_breaks_off(day: Office) -> None:
    size = len(day.told())
    found = verdict(
        day,
        f"DELETE FROM events WHERE position > {size - 2}",
        f"DELETE FROM ledger WHERE seq > {size - 2}",
    )
    assert (found.ok, found.first_bad_seq) == (False, size - 1)


@pytest.mark.parametrize(
    "change",
    [
        "size = size + 1",
        "size = size - 1",
        "size = 0",
        "size = -1",
        "frontier = randomblob(length(frontier))",
        "frontier = x''",
        "frontier = x'00'",
        "frontier = CAST(frontier || x'00' AS BLOB)",
    ],
)
def test_a_changed_head_is_found(day: Office, change: str) -> None:
    found = verdict(day, f"UPDATE ledger_head SET {change}")
    assert not found.ok
    assert "head" in str(found.reason)


@pytest.mark.parametrize("change", ["size = size * 2 + 1", "frontier = x''"])
def test_nothing_is_recorded_on_a_broken_head(day: Office, change: str) -> None:
    with day.behind() as tool:
        tool.execute(f"UPDATE ledger_head SET {change}")
    with pytest.raises(Broken):
        day.report("i2")


def test_a_deleted_head_is_found(day: Office) -> None:
    found = verdict(day, "DELETE FROM ledger_head")
    assert (found.ok, found.size, found.root) == (False, 0, "")


def relinked(day: Office, change: str, *values: Any) -> Verdict:
    """What the proof says to an insider who changed rows and computed every leaf and root anew."""
    from whistle.log.leaf import leaf
    from whistle.log.rows import SELECT, sealed
    from whistle.log.tree import Frontier

    with day.behind() as tool:
        tool.execute(change, values)
        tree = Frontier()
        rows = tool.execute(f"{SELECT} ORDER BY l.seq").fetchall()
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
    found = relinked(day, "UPDATE ledger SET received_at = 1 WHERE seq = ?", seq)
    assert found.ok
    assert found.root != kept.hex()


def test_a_copied_store_with_another_id_does_not_prove_itself(day: Office) -> None:
    with day.behind() as tool:
        tool.execute("UPDATE store SET epoch = 2")
    other = Office(day.path)
    assert other.log.verify().first_bad_seq == 1
    other.close()


def test_rows_are_proved_before_they_are_handed_on(day: Office) -> None:
    with day.behind() as tool:
        tool.execute("UPDATE events SET state = x'00' WHERE position = 3")
    handed_on = []
    with pytest.raises(Broken):
        for row in day.log.proved_rows():
            handed_on.append(row[0])
    assert handed_on == []
