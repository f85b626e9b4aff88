"""The county's night: a database goes back to a moment before somebody's mistake, on a real server.

A base backup and the archive of what was written since are all that is left; PostgreSQL plays them
to a point in time, and the operator says so before anybody goes on.
"""

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.postgres import Server
from tests.shell import Shell


class Archived(Server):
    """A server that hands on every piece of its write-ahead log."""

    def __init__(self) -> None:
        super().__init__(wal_level="replica", archive_mode="on")

    def start(self) -> None:
        """Start it, with a place for the archive."""
        archive = self.folder / "archive"
        if not archive.exists():
            archive.mkdir()
            archive.chmod(0o777)
        if self._settings["archive_mode"] == "on":
            self._settings["archive_command"] = f"cp %p {archive}/%f"
        super().start()

    def base_backup(self) -> None:
        """What a nightly job takes."""
        into = ("-D", self.folder / "base", "-X", "none", "-c", "fast")
        self._run("pg_basebackup", "-d", self.url("postgres"), *into)

    def back_to(self, moment: str) -> None:
        """The data thrown away, the base put there, and the archive played to a moment."""
        self.sql("SELECT pg_switch_wal()")
        self.sql("CHECKPOINT")
        self.halt()  # the archiver hands on the last piece before it ends
        shutil.rmtree(self.data)
        subprocess.run(["mv", self.folder / "base", self.data], check=True)
        (self.data / "recovery.signal").touch()
        self._settings = {
            "restore_command": f"cp {self.folder}/archive/%f %p",
            "recovery_target_time": moment,
            "recovery_target_action": "promote",
            "archive_mode": "off",
        }
        self.start()


@pytest.fixture(scope="module")
def server() -> Iterator[Archived]:
    """A server of its own: it is crashed, emptied and played back."""
    started = Archived()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def county(server: Archived, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Work before the base backup, work after it, a moment, and work that will be lost."""
    shell = Shell(tmp_path_factory.mktemp("county"))
    shell.env["WHISTLE_STORE"] = server.fresh()
    shell.json("init", "--town", "望榆镇", "--code", "WY")
    shell.json("blow", "-e", "gas-leak", "12 Caoqiao Rd")
    held(shell, "before.txt")
    server.base_backup()
    shell.json("blow", "-e", "gas-leak", "13 Caoqiao Rd")
    held(shell, "until.txt")
    ((moment,),) = server.sql("SELECT clock_timestamp()")
    shell.env["MOMENT"] = str(moment)
    shell.json("blow", "-e", "gas-leak", "14 Caoqiao Rd")
    held(shell, "lost.txt")
    return shell


def held(shell: Shell, name: str) -> None:
    """A checkpoint that somebody keeps."""
    shell.json("audit", "checkpoint", "create", "--to", str(shell.folder / name))


def compared(shell: Shell, name: str, code: int = 0) -> Any:
    """What it says of the database now."""
    file = str(shell.folder / name)
    return shell.json("audit", "checkpoint", "compare", file, code=code).facts


def test_a_database_goes_back_to_a_moment_and_opens_an_epoch(
    county: Shell, server: Archived
) -> None:
    until = compared(county, "until.txt")["seen"]
    lost = compared(county, "lost.txt")["seen"] - until
    assert lost > 0
    server.back_to(county.env["MOMENT"])
    assert county.json("audit", "verify").facts["size"] == until
    late = str(county.folder / "lost.txt")
    told = county.json("store", "restored", "--checkpoint", late, "-m", "to before it").facts
    assert (told["epoch"], told["kept"], told["lost"]) == (2, until, lost)
    assert told["seq"] == until + 1
    again = county.json("blow", "-e", "gas-leak", "15 Caoqiao Rd").facts
    assert again["id"] == "W-WY26-00003"  # a number is given twice, and the epoch tells them apart
    assert county.json("audit", "verify").facts["ok"]
    for name in ("before.txt", "until.txt"):
        assert compared(county, name)["ok"]
    assert compared(county, "lost.txt", code=7)["lost"] == lost


def test_the_verbs_of_a_file_say_what_a_server_has_instead(county: Shell) -> None:
    for line in ("store backup copy.db", "store restore nothing.db"):
        said = county(*line.split())
        assert said.code in (3, 5)
        assert "Traceback" not in said.told
    assert county.json("store", "upgrade").facts["steps"] == []


def test_the_doctor_and_the_sizes_of_a_store_on_a_server(county: Shell) -> None:
    facts = county("doctor", "--json").facts
    found = {each["check"]: each for each in facts["findings"]}
    assert found["record"]["state"] == "ok"
    assert found["size"]["figures"]["bytes"] > 1_000_000
    assert found["durable"]["state"] == "alarm"  # the tests' server does without fsync
    assert found["durable"]["figures"] == {"synchronous_commit": "on", "fsync": "off"}
    assert (found["archive"]["state"], found["archive"]["figures"]) == ("look", {"mode": "off"})
    found = county.json("store", "stats").facts
    assert found["parts"]["events"] > 0
    assert sum(each["events"] for each in found["topics"]) == found["events"]
    assert "@" not in found["file"].replace("@/", "")
