"""Whole processes: what a verb imports, pipes, closed channels, a full disk, an interrupt."""

import fcntl
import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shell import HOUSE, Shell

HEAVY = {"sqlalchemy", "psycopg"}  # what a verb that writes one order must do without
ENGINE = {"msgspec", "eventsourcing", "sqlite3", *HEAVY}
NAMING = """
import sys
from cli import run
code = run(sys.argv[1:])
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""
SCRIPT = """
import io, shlex, sys
from contextlib import redirect_stdout
from cli import run
for line in sys.stdin.read().splitlines():
    with redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        assert run(shlex.split(line)) == 0, line
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
WRITES = """
init --town 望榆镇 --code WY
blow -e gas-leak "12 Caoqiao Rd"
report street-vending "Yuyuan Rd"
accept 2
blow 2
approve 2
ack 2 --as UM -t 25m
depart 2 --as UM
arrive 2 --as UM
act 2 warn --as UM
finish 2 --as UM
arrive 2 --behalf jj --at -0s
decline 2 --reason not-our-duty --as jj
arrive 2 --as MR
finish 2 --as MR
leave 2
verify 2 pass
callback 2 satisfied
close 2
rate 2/UM 90
rate 2 90 --as MR
reopen 2 -m again
incident handle 2
report shop-noise here
refuse 3 --category not-ours -m theirs
report shop-noise there --accept
incident transfer 4 公安
org unit add XX Other
org person add TZ Li --role leader
blow -e gas-leak "13 Caoqiao Rd"
team form check --stationed-team UM=2 --on-call TP=1
team join 1 --on-call MR=1
team sign-in 1 --as UM
team dispatch 1 3
team count 1
team relieve 1 UM --stationed-team UM=1
team leave 1 MR -m ill
team stand-down 1 -m storm
team rate 1 80
team show 1
team list --all
show T-WY26-00001
correct 27 --set note=more --why late
"""


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    """A desk over an empty folder."""
    return Shell(tmp_path)


@pytest.mark.sqlite("PostgreSQL needs its driver")
def test_verbs_that_write_one_order_import_no_read_model(desk: Shell) -> None:
    done = desk.python("-c", SCRIPT, input=WRITES.strip())
    assert done.returncode == 0, done.stderr
    imported = set(done.stdout.split())
    assert imported >= ENGINE - HEAVY
    assert imported & HEAVY == set()


KINDS = """
import sys
from cli import run
assert run(sys.argv[1:]) == 0
kinds = (name.split(".") for name in sys.modules if name.startswith("whistle.domain."))
print(*sorted({name[2] for name in kinds} & {"incident", "whistle", "team", "patrol"}))
"""


GAS = ("blow", "-e", "gas-leak", "3 Caoqiao Rd")


@pytest.mark.parametrize(
    ("before", "words", "kinds"),
    [
        ((), ("report", "street-vending", "2 Caoqiao Rd"), "incident"),
        (GAS, ("ack", "1", "--as", "EM", "-t", "25m"), "whistle"),
        ((), GAS, "incident whistle"),
    ],
)
def test_a_verb_loads_only_the_kinds_that_it_meets(
    desk: Shell, before: tuple[str, ...], words: tuple[str, ...], kinds: str
) -> None:
    desk.founded()
    if before:
        desk.json(*before)
    done = desk.python("-c", KINDS, *words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == kinds


LOADED = """
import sys
from cli import run
assert run(["inbox"]) == 0
print(*(name for name in sys.modules if "postgres" in name))
"""


@pytest.mark.sqlite("PostgreSQL needs its driver")
def test_an_inbox_loads_nothing_of_a_server_that_it_does_not_use(desk: Shell) -> None:
    desk.founded()
    desk.json("blow", "-e", "gas-leak", "12 Caoqiao Rd")
    done = desk.python("-c", LOADED)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == ""


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("--lang", "zh", "-h")])
def test_help_imports_no_engine(desk: Shell, words: tuple[str, ...]) -> None:
    done = desk.python("-c", NAMING, *words)
    assert set(done.stderr.split()) & ENGINE == set()


def test_a_reader_that_has_seen_enough_is_no_error(desk: Shell) -> None:
    desk.founded()
    for number in range(3):
        desk.json("blow", "-e", "gas-leak", f"{number} Caoqiao Rd")
    for verb in ("events list --jsonl", "item list", "--help"):
        line = f"set -o pipefail; {sys.executable} -m cli {verb} | head -1"
        done = subprocess.run(
            ["bash", "-c", line], env=desk.whole_env, cwd=HOUSE, capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b""), verb
        assert done.stdout.count(b"\n") == 1


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("status <&-", 0), ("report gas-leak here <&-", 0), ("status >&-", 0),
        ("report gas-leak here >&- 2>&- <&-", 0), ("ack 9 --as rq 2>&-", 3),
        ("report gas-leak here >/dev/full", 10), ("import events - <&-", 0),
    ],
)  # fmt: skip
def test_closed_and_full_channels_give_no_traceback_and_leave_the_store_whole(
    desk: Shell, line: str, code: int
) -> None:
    desk.founded()
    shell = f"{sys.executable} -m cli {line}"
    done = subprocess.run(
        ["bash", "-c", shell], env=desk.whole_env, cwd=HOUSE, capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr
    assert (done.returncode, done.stderr.count(b"\n") > 0) == (code, code == 10)
    assert desk.json("audit", "verify").facts["ok"] is True


def small_files(size: int) -> Callable[[], None]:
    """No file may grow beyond this: to SQLite the same as a full disk."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.sqlite("a disk of this machine")
def test_a_full_disk_is_told_and_nothing_half_written_stays(desk: Shell) -> None:
    first = desk.child("init", "--town", "a", "--code", "WY", preexec_fn=small_files(60_000))
    assert (first.returncode, b"Traceback" in first.stderr) == (10, False)
    assert "→".encode() in first.stderr
    assert list(desk.folder.glob("town.db*")) == [], "a founding leaves all or nothing"
    desk.founded()
    before = desk.record()
    room = desk.store.stat().st_size // 2
    for words in (("blow", "-e", "gas-leak", "here"), ("report", "gas-leak", "x" * room)):
        done = desk.child(*words, "--json", preexec_fn=small_files(room))
        assert done.returncode == 10, done
        assert json.loads(done.stdout)["status"] == "error"
        assert desk.record() == before
    assert desk.json("audit", "verify").facts["ok"] is True
    assert desk.json("blow", "-e", "gas-leak", "here").facts["id"] == "W-WY26-00001"


INTERRUPTED = """
import os, signal, sys
class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == "projections.desk.words":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Impatient())
import cli
print("nobody was interrupted")
"""


def test_an_interrupt_while_the_program_loads_says_nothing_of_its_own() -> None:
    loading = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, check=False, cwd=HOUSE
    )
    assert (loading.returncode, loading.stdout, loading.stderr) == (-signal.SIGINT, b"", b"")


@pytest.mark.sqlite("the queue is a lock on a file")
def test_an_interrupt_ends_with_130_and_writes_nothing(desk: Shell) -> None:
    desk.founded()
    before = desk.record()
    with Path(f"{desk.store}.lock").open("ab") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)  # somebody is writing, and takes his time
        waiting = subprocess.Popen(
            [sys.executable, "-m", "cli", "report", "gas-leak", "here"],
            env=desk.whole_env,
            cwd=HOUSE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        while not queues(waiting.pid):
            assert waiting.poll() is None, waiting.communicate()
            time.sleep(0.01)
        waiting.send_signal(signal.SIGINT)
        out, err = waiting.communicate(timeout=30)
    assert (waiting.returncode, out, err) == (130, b"", b"\n")
    assert desk.record() == before


def queues(pid: int) -> bool:
    """Whether a process waits for a lock (proc(5): a waiting one has an arrow)."""
    lines = Path("/proc/locks").read_text().splitlines()
    return any("->" in line and f" {pid} " in line for line in lines)


def test_the_program_starts_in_a_folder_that_is_gone_and_without_a_home(
    desk: Shell, tmp_path: Path
) -> None:
    desk.founded()
    gone = tmp_path / "gone"
    gone.mkdir()
    line = f"cd {gone} && rmdir {gone} && unset HOME && {sys.executable} -m cli status"
    done = subprocess.run(
        ["bash", "-c", line], env=desk.whole_env, capture_output=True, check=False
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done
