"""The PostgreSQL that tests start for themselves: real, alone, and gone when they are."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.postgres import Server

HOUSE = Path(__file__).resolve().parent.parent
PATIENCE_S = 60
STARTER = """
import sys, time
from tests.postgres import Server
server = Server()
print(server.folder, server.data, flush=True)
time.sleep(600)
"""


def test_a_test_has_a_database_of_its_own(postgres: Server, database: str) -> None:
    other = postgres.fresh()
    with psycopg.connect(database) as tool:
        tool.execute("CREATE TABLE mine (number bigint)")
    with psycopg.connect(other) as tool, pytest.raises(psycopg.errors.UndefinedTable):
        tool.execute("SELECT * FROM mine")
    postgres.drop(other)


def test_a_crash_loses_nothing_that_was_committed() -> None:
    server = Server()
    try:
        with psycopg.connect(server.url("postgres")) as tool:
            tool.execute("CREATE TABLE kept AS SELECT 7 AS number")
        server.crash()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url("postgres"))
        server.start()
        assert server.sql("SELECT number FROM kept") == [(7,)]
    finally:
        server.stop()
    assert not server.folder.exists()


def test_a_killed_run_leaves_no_server_and_no_files() -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", STARTER],
        cwd=HOUSE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    folder, files = map(Path, run.stdout.readline().split())
    pid = int((files / "postmaster.pid").read_text().split()[0])
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    deadline = time.monotonic() + PATIENCE_S
    while folder.exists() or files.exists() or Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline, "the server outlived its tests"
        time.sleep(0.05)
