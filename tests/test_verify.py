"""Proving the record: whatever somebody changes behind the engine's back is found and named."""

import pytest

from tests.office import Office
from tests.touched import seq_of, stamp_of, stamped, untied_day, verdict
from whistle.domain.refusal import Broken
from whistle.log.verify import Verdict

UNTYPED = pytest.mark.sqlite("a column of PostgreSQL takes no value of another type")


@pytest.fixture
def day(office: Office) -> Office:
    return untied_day(office)


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
        ("command_id", "x'00112233445566778899aabbccddeeff'"),
        ("command_digest", "x'5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a'"),
        ("actor_unit", "'xf'"),
        ("actor_unit", "NULL"),
        ("actor_person", "'李镇长'"),
        ("actor_role", "'leader'"),
        ("behalf_unit", "'jj'"),
        ("command", "1"),
        ("correlation", "1"),
        ("correlation", "999"),
        ("causation_seq", "2"),
        ("units", "'rq:9'"),
        ("units", "'nonsense'"),
        ("units", "NULL"),
        ("leaf", "x'5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a'"),
        ("leaf", "x''"),
    ],
)
def test_a_changed_stamp_is_named(day: Office, column: str, value: str) -> None:
    seq = seq_of(day, "whistle.acknowledged/1")
    found = verdict(day, f"UPDATE {stamped(column)} SET {column} = {value}{stamp_of(column, seq)}")
    assert (found.ok, found.first_bad_seq) == (False, seq)


@pytest.mark.parametrize("column", ["command_id", "command_digest", "actor_unit", "received_at"])
def test_a_changed_stamp_is_named_at_the_first_event_of_its_order(day: Office, column: str) -> None:
    # the events of one order share their stamp; each is covered by its own leaf
    first = seq_of(day, "whistle.blown/1")
    value = "x'00'" if column.startswith("command") else "'77'"
    found = verdict(day, f"UPDATE commands SET {column} = {value}{stamp_of(column, first + 1)}")
    assert (found.ok, found.first_bad_seq) == (False, first)


def test_an_event_given_to_another_order_is_named(day: Office) -> None:
    seq = seq_of(day, "whistle.call_delivered/1")
    found = verdict(day, f"UPDATE ledger SET command = command + 1 WHERE seq = {seq}")
    assert (found.ok, found.first_bad_seq) == (False, seq)


@pytest.mark.parametrize(("table", "number"), [("streams", "originator_id"), ("topics", "topic")])
@pytest.mark.parametrize("change", ["= 'x' || {0}", pytest.param("= x'ff'", marks=UNTYPED), "lost"])
def test_a_changed_name_is_named_where_it_is_first_used(
    day: Office, table: str, number: str, change: str
) -> None:
    column = table.removesuffix("s")
    seq = seq_of(day, "whistle.blown/1")
    end = f"WHERE id = (SELECT {number} FROM events WHERE position = {seq})"
    act = f"UPDATE {table} SET {column} {change.format(column)} {end}"
    found = verdict(day, f"DELETE FROM {table} {end}" if change == "lost" else act)
    assert (found.ok, found.first_bad_seq) == (False, seq)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("originator_id", "1"),
        ("originator_id", "999"),
        ("originator_version", "originator_version + 100"),
        ("topic", "1"),
        ("topic", "999"),
        pytest.param("topic", "'this:s'", marks=UNTYPED),
        ("state", "CAST(replace(CAST(state AS TEXT), 'rq', 'xf') AS BLOB)"),
        ("state", "CAST(CAST(state AS TEXT) || ' ' AS BLOB)"),
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
        pytest.param("events", "topic", "x'ff'", marks=UNTYPED),
        pytest.param("events", "originator_version", "'first'", marks=UNTYPED),
        pytest.param("events", "originator_id", "'w2'", marks=UNTYPED),
        pytest.param("ledger", "recorded_at", "'noon'", marks=UNTYPED),
        ("commands", "command_id", "'text'"),
        ("commands", "command_id", "x'00'"),
        ("commands", "command_digest", "'text'"),
        pytest.param("ledger", "command", "'text'", marks=UNTYPED),
        pytest.param("ledger", "units", "7", marks=UNTYPED),
        ("ledger", "leaf", "'text'"),
    ],
)
def test_a_value_of_a_wrong_type_is_named_and_no_accident(
    day: Office, table: str, column: str, value: str
) -> None:
    seq = seq_of(day, "whistle.acknowledged/1")
    row = stamp_of(column, seq) if table != "events" else f" WHERE position = {seq}"
    found = verdict(day, f"UPDATE {table} SET {column} = {value}{row}")
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
        "INSERT INTO events VALUES (999, 1, 99, 1, x'7b7d')",
        f"UPDATE events SET state = x'00' WHERE position = {size}",
        "UPDATE events SET state = x'00' WHERE position = 3",
    )
    assert found.first_bad_seq == 3


def test_an_event_put_in_without_a_leaf_is_named(day: Office) -> None:
    size = len(day.told())
    forged = f"INSERT INTO events VALUES ({size + 1}, 1, 99, 1, x'7b7d')"
    found = verdict(day, forged)
    assert (found.ok, found.first_bad_seq) == (False, size + 1)
    assert "no leaf" in str(found.reason)


def test_a_leaf_without_an_event_is_named(day: Office) -> None:
    size = len(day.told())
    copied = (
        f"INSERT INTO ledger SELECT {size + 1}, recorded_at + 1, command, correlation, "
        f"causation_seq, units, leaf FROM ledger WHERE seq = {size}"
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
        "frontier = x'5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a'",
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


def test_a_copied_store_with_another_id_does_not_prove_itself(day: Office) -> None:
    with day.behind() as tool:
        tool.execute("UPDATE store SET epoch = 2")
    other = Office(day.address)
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


@pytest.mark.sqlite("it asks as SQLite is asked")
def test_an_auditors_tool_finds_the_events_by_the_columns_of_the_library(day: Office) -> None:
    with day.behind() as tool:
        tables = [row[0] for row in tool.execute("SELECT name FROM sqlite_master").fetchall()]
        wanted = {"originator_id", "originator_version", "topic", "state"}
        columns = {
            name: {row[1] for row in tool.execute(f'PRAGMA table_info("{name}")').fetchall()}
            for name in tables
        }
    assert [name for name in tables if wanted <= columns[name]] == ["events"]
