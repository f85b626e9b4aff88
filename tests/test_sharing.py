"""One store for a group of accounts on one machine, found without a flag, never on a network."""

import grp
import os
import stat
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from tests.shell import Shell
from whistle.log import mounts

pytestmark = pytest.mark.sqlite("a file that accounts of one machine share")

ROOT = os.geteuid() == 0
GROUP = next(g for g in grp.getgrall() if g.gr_gid) if ROOT else grp.getgrgid(os.getgid())
TWO_ACCOUNTS = (54_321, 54_322)
STRANGER = 54_399


@pytest.fixture
def desk() -> Iterator[Shell]:
    """A desk in a folder that other accounts can reach, with no store of its own."""
    folder = Path(tempfile.mkdtemp(prefix="whistle-shared-"))
    folder.chmod(0o755)
    shell = Shell(folder)
    shell.env["WHISTLE_STORE"] = ""  # it has to be found by the machine's profile
    yield shell
    rmtree(folder)


def set_up(desk: Shell) -> Path:
    said = desk("setup", "--town", "望榆镇", "--code", "WY", "--shared", str(desk.folder / "srv"),
                "--group", GROUP.gr_name)  # fmt: skip
    assert said.code == 0, said
    return desk.folder / "srv" / "wy.db"


def as_account(
    uid: int, act: Callable[[], None], groups: tuple[int, ...] = (GROUP.gr_gid,)
) -> None:
    """Have another account do something, with a umask that keeps all to itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child forks no thread on
        child = os.fork()
    if child == 0:
        code = 1
        try:
            os.umask(0o077)
            if ROOT:
                os.setgroups(groups)
                os.setgid(uid)
                os.setuid(uid)
            act()
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def done(desk: Shell, *words: str) -> Callable[[], None]:
    def act() -> None:
        said = desk(*words)
        assert said.code == 0, said

    return act


def test_every_account_of_the_group_writes_the_record_and_its_views(desk: Shell) -> None:
    store = set_up(desk)
    desk("view", "inspect")  # so that all that is imported later is there before the rights change
    desk.json("audit", "verify")
    for ending in (".views", ".views.lock", ".views-wal", ".views-shm", ".lock", "-wal", "-shm"):
        store.with_name(store.name + ending).unlink(missing_ok=True)  # the accounts make their own
    first, second = TWO_ACCOUNTS
    as_account(first, done(desk, "report", "street-vending", "榆苑路", "--accept"))
    as_account(first, done(desk, "inbox"))
    as_account(second, done(desk, "blow", "1"))
    as_account(second, done(desk, "inbox"))
    as_account(first, done(desk, "approve", "1"))
    as_account(second, done(desk, "projection", "rebuild"))
    as_account(first, done(desk, "view", "command"))
    assert desk.json("audit", "verify").facts["ok"]
    for path in store.parent.iterdir():
        mode = stat.S_IMODE(path.stat().st_mode)
        assert (path.name, oct(mode)) == (path.name, oct(0o660))
        assert path.stat().st_gid == GROUP.gr_gid
    assert stat.S_IMODE(store.parent.stat().st_mode) & 0o2770 == 0o2770


@pytest.mark.parametrize("words", [("status",), ("report", "gas-leak", "here")])
def test_an_account_outside_the_group_is_told_so(desk: Shell, words: tuple[str, ...]) -> None:
    folder = set_up(desk).parent
    if not ROOT:
        folder.chmod(0)  # who can be nobody else shuts the door on himself

    def act() -> None:
        said = desk(*words)
        assert said.code == 10, said
        assert b"Permission denied" in said.err, said

    try:
        as_account(STRANGER, act, groups=())
    finally:
        folder.chmod(0o2770)


def test_the_machine_gets_a_profile_and_a_persons_own_goes_on_top_of_it(desk: Shell) -> None:
    store = set_up(desk)
    machine = Path(desk.env["XDG_CONFIG_DIRS"]) / "whistle" / "config.toml"
    assert machine.read_text("utf-8") == f'[default]\nstore = "sqlite:///{store}"\n'
    assert stat.S_IMODE(machine.stat().st_mode) == 0o644
    own = Path(desk.env["XDG_CONFIG_HOME"]) / "whistle" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text('[default]\nas = "jj"\n', encoding="utf-8")
    assert "交警中队" in desk().text.splitlines()[0]


def test_a_second_town_of_the_machine_gets_a_profile_by_its_code(desk: Shell) -> None:
    set_up(desk)
    said = desk("setup", "--town", "石门镇", "--code", "SM", "--shared", str(desk.folder / "srv"))
    assert said.code == 0, "the folder is shared already: its group is known"
    assert "whistle --profile sm" in said.text
    assert "石门镇" in desk("--profile", "sm").text
    assert "望榆镇" in desk().text


def test_where_the_profile_cannot_be_written_the_line_for_an_administrator_is_told(
    desk: Shell,
) -> None:
    blocked = desk.folder / "blocked"
    blocked.write_text("a file, no folder", encoding="utf-8")
    desk.env["XDG_CONFIG_DIRS"] = str(blocked)
    said = desk("setup", "--town", "望榆镇", "--code", "WY", "--shared", str(desk.folder / "srv"),
                "--group", GROUP.gr_name)  # fmt: skip
    assert said.code == 0
    assert f"| sudo tee -a {blocked}/whistle/config.toml" in said.text


def test_a_shared_folder_needs_a_group_that_exists(desk: Shell) -> None:
    words = ("setup", "--town", "a", "--code", "A", "--shared", str(desk.folder / "srv"))
    assert "--group" in desk(*words).told
    said = desk(*words, "--group", "no-such-group-here")
    assert said.code == 2
    assert "no-such-group-here" in said.told
    assert not (desk.folder / "srv").exists()


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_folder_of_another_machine_is_refused(
    desk: Shell, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = desk.folder.resolve() / "a b"
    shared.mkdir()
    named = str(shared).replace(" ", "\\040")
    table = desk.folder / "mountinfo"
    table.write_text(
        "27 1 254:0 / / rw,relatime - ext4 /dev/vda1 rw\n"
        f"60 27 0:53 / {named} rw,relatime shared:9 - {kind} server:/x rw\n"
        f"61 60 0:54 / {named}/local rw - ext4 /dev/vdb rw\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(mounts, "MOUNTS", table)
    words = ("setup", "--town", "望榆镇", "--code", "WY", "--store")
    said = desk.json(*words, f"sqlite:///{shared}/x/wy.db", code=5)
    assert said.rules == ["store.network"]
    assert kind in said.envelope["diagnostics"][0]["message"]
    assert list(shared.iterdir()) == []
    desk.json(*words, f"sqlite:///{shared}/local/wy.db")


def test_a_machine_that_does_not_tell_its_mounts_is_believed(
    desk: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mounts, "MOUNTS", desk.folder / "nowhere")
    assert mounts.file_system(desk.folder) == ""
