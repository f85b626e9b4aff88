"""The archive for a machine without network: it installs there, without root, and works."""

import hashlib
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundle.make import Target, archive, licences, make
from tests.rights import NOBODY

SYSTEM = "/usr/local/bin:/usr/bin:/bin"
ALONE = ("unshare", "--user", "--map-root-user", "--net")
OUT = "import socket; socket.create_connection(('192.0.2.1', 80), 2)"


def python() -> str:
    """The machine's own Python, which anybody may run: a tester's lies in a closed home."""
    found = shutil.which("python3", path=SYSTEM)
    assert found is not None
    return found


def walled() -> list[str]:
    """What starts a program as nobody, with no way out of the machine where that can be had."""
    root = os.geteuid() == 0
    alone = [ALONE[0], "--net"] if root else [*ALONE]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        alone = []  # a container that may make no namespace: pip is told to ask nobody all the same
    drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if root else []
    return [*alone, *drop]


def behind_the_wall(home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a program as an office clerk on a machine of its own."""
    env = {"HOME": str(home), "PATH": SYSTEM, "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    return subprocess.run(
        [*walled(), *command], env=env, cwd=home, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def unpacked() -> Iterator[Path]:
    """The bundle for this machine, unpacked where anybody may read it, unlike pytest's folders."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    asked = "import sys; print('%d.%d' % sys.version_info[:2])"
    version = subprocess.check_output([python(), "-c", asked], text=True).strip()
    made = make([Target(version, platform.machine())], folder)
    with tarfile.open(made) as packed:
        packed.extractall(folder, filter="data")
    yield folder / "whistle-bundle"
    shutil.rmtree(folder)


@pytest.fixture
def home(unpacked: Path) -> Path:
    """A clerk's home."""
    folder = unpacked.parent / "home"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    return folder


def test_it_installs_without_network_or_root_and_plays_the_busy_day(
    unpacked: Path, home: Path
) -> None:
    if "--net" in walled():  # the wall stands
        assert "unreachable" in behind_the_wall(home, python(), "-c", OUT).stderr
    installed = behind_the_wall(home, "sh", str(unpacked / "install.sh"))
    assert installed.returncode == 0, installed
    whistle = str(home / ".local" / "bin" / "whistle")
    assert whistle in installed.stdout
    played = behind_the_wall(home, whistle, "demo", "--lang", "zh")
    assert played.returncode == 0, played
    assert "吹哨" in played.stdout


def test_a_damaged_archive_is_not_installed(unpacked: Path, home: Path) -> None:
    damaged = home / "damaged"
    shutil.copytree(unpacked, damaged)
    (own,) = (damaged / "wheels").glob("whistle-*.whl")
    own.write_bytes(own.read_bytes()[:-1])
    refused = behind_the_wall(home, "sh", str(damaged / "install.sh"))
    assert refused.returncode == 1
    assert "SHA256SUMS" in refused.stderr
    assert not (home / ".local").exists()


def test_without_a_fitting_python_it_says_which_one_it_needs(unpacked: Path, home: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        old = home / name
        old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        old.chmod(0o755)
    search = f"PATH={home}:{SYSTEM}"
    refused = behind_the_wall(home, "env", search, "sh", str(unpacked / "install.sh"))
    assert refused.returncode == 1
    assert "3.11" in refused.stderr


def test_a_python_that_is_named_is_taken_or_nothing_is(unpacked: Path, home: Path) -> None:
    named = f"PYTHON={shutil.which('false')}"
    refused = behind_the_wall(home, "env", named, "sh", str(unpacked / "install.sh"))
    assert refused.returncode == 1
    assert named in refused.stderr
    assert not (home / ".local").exists()


def test_every_file_has_its_checksum_and_every_wheel_its_licence(unpacked: Path) -> None:
    lines = (unpacked / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    files = {
        str(path.relative_to(unpacked)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in unpacked.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert listed == files
    wheels = {"-".join(path.name.split("-")[:2]) for path in unpacked.glob("wheels/*.whl")}
    assert wheels == {path.name for path in (unpacked / "licences").iterdir()}
    assert licences(unpacked / "wheels", unpacked.parent / "again") == []


def test_the_same_files_make_the_same_archive(tmp_path: Path) -> None:
    folder = tmp_path / "thing"
    folder.mkdir()
    (folder / "install.sh").write_text("true\n", encoding="utf-8")
    archive(folder, tmp_path / "one")
    (folder / "install.sh").touch()
    archive(folder, tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_target_names_every_tag_that_may_do() -> None:
    tags = list(Target("3.12", "aarch64").tags)
    assert {"3.12", "cp312", "abi3", "manylinux_2_28_aarch64", "manylinux2014_aarch64"} <= {*tags}
