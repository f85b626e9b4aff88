"""Views in a database: the same rows as in a file; rights, crashes, other people's hands."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from projections import VIEWS, command, following, ledger, open_views, schema
from projections.catch_up import Views
from projections.running import Runner
from tests.office import Office
from tests.played import Played, play
from tests.postgres import Server, database_of
from tests.shell import Shell
from tests.town import at
from whistle.domain.refusal import Unreachable
from whistle.log.stores import create


@pytest.fixture
def views(town: Played, database: str) -> Iterator[Views]:
    with open_views(town.log, database) as opened:
        yield opened


def ask(database: str, statement: str) -> list[tuple[object, ...]]:
    """What somebody with a database tool is answered."""
    with psycopg.connect(database, autocommit=True) as tool:
        cursor = tool.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize(("batch", "copied"), [(7, 1), (5_000, 10_000)])
def test_one_log_makes_the_same_rows_in_a_database_as_in_a_file(
    town: Played, views: Views, monkeypatch: pytest.MonkeyPatch, batch: int, copied: int
) -> None:
    """By statements and by COPY, in small batches that change rows again and in large ones."""
    play(town, 20, seed=4)
    monkeypatch.setattr(following, "FIRST_BATCH", batch)
    monkeypatch.setattr(following, "BATCH_MAX", batch)
    monkeypatch.setattr("projections.table.COPY_MIN", copied)
    views.catch_up()
    rebuilt = views.rebuild()
    assert [each.name for each in rebuilt if each.changed] == []
    with open_views(town.log, town.views_at) as beside:
        in_a_file = beside.rebuild()
    assert [(each.name, each.rows, each.digest) for each in rebuilt] == [
        (each.name, each.rows, each.digest) for each in in_a_file
    ]
    assert sum(each.rows for each in rebuilt) > 100


def test_texts_of_any_script_and_sign_are_copied_as_they_are(
    town: Played, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.table.COPY_MIN", 1)
    odd = "\\N \t \n \\. ' \" 榆苑路 \U0001f6a8 \\x00"
    town.import_facts([(odd, odd, "whistled", 0)])
    (row,) = ledger.assignments(views)
    assert row.key == ("sf", odd, odd)


def test_two_that_make_the_schema_at_the_same_instant_both_have_it(database: str) -> None:
    waiting = (
        "SELECT 1 FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with ThreadPoolExecutor(1) as other, psycopg.connect(database) as first:
        first.execute("SELECT pg_advisory_xact_lock(%s)", [schema.WRITE])
        first.execute(f"CREATE SCHEMA {schema.SCHEMA}")
        second = other.submit(schema.Schema, database, "postgres")  # it sees no schema yet
        while not ask(database, waiting) and not second.done():
            time.sleep(0.01)
        first.commit()
        second.result().close()


def test_views_of_another_log_are_thrown_away(town: Played, database: str, tmp_path: Path) -> None:
    other = Played(tmp_path / "other.db")
    other.blow(other.report(), "xf")
    with open_views(other.log, database) as views:
        assert command.counts(views).whistles == 1
    with open_views(town.log, database) as views:
        assert command.counts(views).whistles == 0
        assert [each.position for each in views.status() if each.position] == [town.log.size()]
    other.close()


def test_a_schema_of_that_name_that_holds_something_else_is_left_alone(
    town: Played, database: str
) -> None:
    ask(database, "CREATE SCHEMA views")
    ask(database, "CREATE TABLE views.theirs AS SELECT 1 AS precious")
    with open_views(town.log, database) as views, pytest.raises(Unreachable) as refused:
        command.counts(views)
    assert refused.value.rule == "view.schema"
    assert ask(database, "SELECT * FROM views.theirs") == [(1,)]


def test_what_somebody_dropped_is_made_anew(town: Played, views: Views, database: str) -> None:
    town.blow(town.report(), "xf")
    assert command.counts(views).whistles == 1
    for gone in ("TABLE views.command_whistles", "TABLE views.places", "SCHEMA views CASCADE"):
        ask(database, f"DROP {gone}")
        with open_views(town.log, database) as again:
            assert command.counts(again).whistles == 1


def test_who_may_only_read_the_database_folds_in_memory(
    town: Played, postgres: Server, database: str
) -> None:
    town.blow(town.report(), "xf")
    postgres.sql("CREATE ROLE auditor LOGIN")
    try:
        reader = postgres.url(database_of(database), "auditor")
        with open_views(town.log, reader) as views:
            assert not views.kept
            assert command.counts(views).whistles == 1
            made = next(Runner(town.log, views).rounds(0.0))
            assert made.fault is not None
        assert ask(database, "SELECT to_regnamespace('views')") == [(None,)]
    finally:
        postgres.sql("DROP ROLE auditor")


def test_a_server_that_stops_is_told_and_followed_again_when_it_is_back(
    town: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.running.AGAIN_S", 0.01)
    server = Server()
    try:
        town.blow(town.report(), "xf")
        url = server.fresh()
        with open_views(town.log, url) as views:
            rounds = Runner(town.log, views).rounds()
            assert next(rounds).fault is None
            server.crash()
            town.blow(town.report(), "xf")
            assert isinstance(next(rounds).fault, Unreachable)
            server.start()
            made = next(rounds)
            assert (made.fault, made.behind) == (None, 0)
            assert command.counts(views).whistles == 2
            assert [each.name for each in views.rebuild() if each.changed] == []
    finally:
        server.stop()


def test_a_server_that_goes_away_with_the_record_too_ends_no_runner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Most of its time a runner waits, and the record goes with the views."""
    monkeypatch.setattr("projections.running.AGAIN_S", 0.01)
    monkeypatch.setattr("whistle.log.persistence.NAPS_S", (0.1,))
    server = Server()
    try:
        url = server.fresh()
        create(url)
        office = Office(url, at("09:00"))
        office.found()
        with open_views(office.log, url) as views:
            rounds = Runner(office.log, views).rounds()
            assert next(rounds).fault is None
            server.crash()
            assert isinstance(next(rounds).fault, Unreachable)
            server.start()
            assert next(rounds).fault is None
            with pytest.raises(Unreachable), views.reading(command.command) as tx:
                server.crash()
                tx.exec_driver_sql("SELECT count(*) FROM command_whistles")
        office.close()
    finally:
        server.stop()


def test_a_desk_over_a_database_keeps_its_views_there(tmp_path: Path, database: str) -> None:
    desk = Shell(tmp_path)
    desk.env["WHISTLE_STORE"] = database
    desk.founded()
    desk.json("blow", "-e", "gas-leak", "12 Caoqiao Rd")
    desk.json("projection", "run", "--once")
    standing = desk.json("projection", "status").facts
    assert [view["behind"] for view in standing] == [0] * len(VIEWS)
    assert desk.json("projection", "rebuild", "command").facts["changed"] is False
    assert ask(database, "SELECT name FROM views.command_whistles") == [("W-WY26-00001",)]
    assert len(desk.json("inbox", "--all").facts) > 0


def test_a_server_that_has_no_room_for_one_more_is_told_in_a_sentence(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_where: object, **_how: object) -> None:
        raise psycopg.OperationalError("FATAL:  sorry, too many clients already")

    monkeypatch.setattr(psycopg, "connect", full)
    with pytest.raises(Unreachable, match="too many clients"):
        schema.Schema(database, "postgres")
