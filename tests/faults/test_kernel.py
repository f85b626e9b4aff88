"""What the kernel says, by strace: the tap hears every call, and a call that fails does no harm.

strace is Debian's; without it, or where a process may not be traced, these tests are left out with
a sentence, and in CI that is a failure.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import HOUSE
from tests.shell import Shell
from whistle import clock
from whistle.domain.moment import MINUTE

pytestmark = pytest.mark.sqlite("the calls of SQLite upon its file")

SEEN = re.compile(
    r"(pwrite64|ftruncate|fsync|fdatasync|unlink|rename|mkdir|fchmod|openat)\((.*)\)\s+= (-?\d+)"
)
ON_A_FILE = re.compile(r'\d+<([^>]*)>(?:, ".*"\.*)?(?:, (\d+))?(?:, (\d+))?')
NAMES = {"fsync": "sync", "fdatasync": "sync", "pwrite64": "pwrite"}

Heard = tuple[str, str, int, int]
"""A call, its file, its offset or new length, and how many bytes were written."""


@pytest.fixture(scope="module")
def strace() -> str:
    """The program, if processes may be traced here."""
    found = shutil.which("strace")
    if found is None:
        pytest.skip("no strace, so nothing shows that the tap hears all: apt-get install strace")
    tried = subprocess.run([found, "-o", "/dev/null", "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"no process may be traced here, so the tap is not checked: {tried.stderr!r}")
    return found


@pytest.fixture
def desk(ram: Path) -> Shell:
    (ram / "town").mkdir()
    shell = Shell(ram / "town")
    shell.now = clock.now() - MINUTE
    return shell.founded()


def by_kernel(trace: str, folder: Path) -> list[Heard]:
    """The calls upon a folder that change it, as strace wrote them down."""
    heard: list[Heard] = []
    for name, words, came_to in SEEN.findall(trace):
        refused = int(came_to) < 0 and name != "unlink"  # which may find nothing there
        if str(folder) not in words or refused:
            continue
        if name == "openat":
            if "O_CREAT" in words and "O_EXCL" in words:
                heard.append(("create", Path(words.split('"')[1]).name, 0, 0))
        elif name in ("unlink", "rename", "mkdir"):
            heard.append((name, Path(words.split('"')[1]).name, 0, 0))
        elif found := ON_A_FILE.match(words):
            path, first, second = found.groups()
            if Path(path) != folder:  # a folder's own sync is another matter
                offset = int(second or 0) if name == "pwrite64" else int(first or 0)
                written = int(first) if name == "pwrite64" else 0
                heard.append((NAMES.get(name, name), Path(path).name, offset, written))
    return heard


def without_making(heard: list[Heard]) -> list[Heard]:
    """Apart from files made: O_CREAT alone does not say whether there was one."""
    return [each for each in heard if each[0] not in ("create", "fchmod")]


@pytest.mark.parametrize("line", ["report street-vending here", "store backup FOLDER/copy.db"])
def test_the_tap_hears_what_the_kernel_does(desk: Shell, strace: str, ram: Path, line: str) -> None:
    trace, record = ram / "trace", ram / "record"
    words = [each.replace("FOLDER", str(desk.folder)) for each in line.split()]
    program = [sys.executable, "-m", "tests.faults.tapped", str(desk.folder), str(record), *words]
    calls = "trace=pwrite64,ftruncate,fsync,fdatasync,unlink,rename,mkdir,fchmod,openat"
    subprocess.run(
        [strace, "-f", "-y", "-e", calls, "-s", "1", "-o", str(trace), *program],
        env=desk.whole_env,
        cwd=HOUSE,
        check=True,
    )
    found = without_making(by_kernel(trace.read_text("utf-8", "replace"), desk.folder))
    heard = without_making([tuple(each) for each in json.loads(record.read_text("utf-8"))])
    assert heard == found
    assert len(found) > 20


@pytest.mark.parametrize(
    "fault",
    [
        "pwrite64:signal=KILL:when=12",
        "pwrite64:error=ENOSPC:when=30",
        "fdatasync:error=EIO:when=2",
        "fdatasync:signal=KILL:when=3",
        "unlink:signal=KILL:when=1",
        "ftruncate:error=EIO:when=1",
    ],
)
def test_a_call_that_the_kernel_fails_leaves_one_event_when_the_line_is_given_again(
    desk: Shell, strace: str, fault: str
) -> None:
    line = ["report", "street-vending", "here", "--key", "once", "--json"]
    before = len(desk.rows("ledger"))
    call = fault.partition(":")[0]
    inject = ["-e", f"trace={call}", "-e", f"inject={fault}"]
    done = subprocess.run(
        [strace, "-f", "-qq", "-o", "/dev/null", *inject, sys.executable, "-m", "cli", *line],
        env=desk.whole_env,
        cwd=HOUSE,
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode in (0, 10, -9, 137)
    assert len(desk.rows("ledger")) in (before, before + 1)
    assert desk(*line).code == 0
    assert len(desk.rows("ledger")) == before + 1
    assert desk.json("audit", "verify").facts["ok"]
