"""A PostgreSQL server that crashes, and killed writers to one: what was told is there, once."""

from tests.conftest import Often
from tests.faults.conftest import Harmed
from tests.postgres import Server


def test_no_crash_of_the_server_loses_or_doubles_what_eight_writers_were_told(
    harmed: Harmed, often: Often
) -> None:
    # P4: in every other crash the writers live on, and are served once the server is back
    cycles = often(2, 10, 1_000)
    found = harmed("crash_server", cycles, "on")
    assert found["wrong"] == []
    assert found["cycles"] == cycles
    assert found["told"] > cycles


def test_the_suite_notices_a_server_that_answers_before_its_disk(harmed: Harmed) -> None:
    # with synchronous_commit=off 91 of 20,001 were lost in 20 crashes
    assert harmed("crash_server", 20, "commit", falls=True)["wrong"] != []


def test_writers_of_a_database_that_are_killed_lose_and_double_nothing(
    postgres: Server, founded_there: str, harmed: Harmed, often: Often
) -> None:
    # P1
    url = postgres.fresh(founded_there)
    kills = often(40, 600, 100_000)
    found = harmed("kill_writers", url, kills, "on")
    postgres.drop(url)
    assert found["wrong"] == []
    assert found["kills"] == kills
    assert found["told"] + found["untold"] > 0


def test_the_suite_notices_a_repeat_that_is_not_recognised(harmed: Harmed) -> None:
    # an answer that the crash has swallowed: given again, the order would be obeyed twice
    assert harmed("crash_server", 20, "reply", falls=True)["wrong"] != []
