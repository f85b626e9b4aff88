"""One archive that installs Whistle where there is no network: wheels, checksums, licences.

python3 dev.py bundle            for CPython 3.11 to 3.13 on x86_64 and aarch64
python3 dev.py bundle --here     only for this Python and machine
"""

import gzip
import hashlib
import io
import platform
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HOUSE = Path(__file__).resolve().parent.parent
DIST = HOUSE / "dist"
PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = ("x86_64", "aarch64")
GLIBC = ("2_28", "2_17")  # Debian 10, RHEL 8 and newer; pip wants every tag that may do
EXTRAS = "[postgres,proof]"  # a county's store, and signed checkpoints
LICENCE_NAMES = ("licen", "copying", "notice", "authors")


class Target(NamedTuple):
    """A Python on a machine that wheels are fetched for."""

    python: str
    machine: str

    @property
    def tags(self) -> Iterator[str]:
        """What pip needs to know of it."""
        yield from ("--python-version", self.python, "--implementation", "cp")
        yield from ("--abi", f"cp{self.python.replace('.', '')}", "--abi", "abi3", "--abi", "none")
        for glibc in GLIBC:
            yield from ("--platform", f"manylinux_{glibc}_{self.machine}")
        yield from ("--platform", f"manylinux2014_{self.machine}")


EVERYWHERE = [Target(python, machine) for python in PYTHONS for machine in MACHINES]
HERE = [Target(f"{sys.version_info.major}.{sys.version_info.minor}", platform.machine())]


def pip(*words: str | Path) -> None:
    """Run pip; its own words tell what went wrong."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, *map(str, words)], check=True, cwd=HOUSE)


def wheels(folder: Path, targets: list[Target]) -> None:
    """Fetch our own wheel, pip's, and those of everything we need, for every target."""
    pip("wheel", "--no-deps", "--wheel-dir", folder, HOUSE)
    (own,) = folder.glob("whistle-*.whl")
    pip("download", "--no-deps", "--only-binary=:all:", "--dest", folder, "pip")
    for target in targets:
        pip("download", "--only-binary=:all:", "--dest", folder, *target.tags, f"{own}{EXTRAS}")


def licences(folder: Path, into: Path) -> list[str]:
    """Copy every wheel's licence texts; the names of wheels that carry none."""
    silent = []
    for wheel in sorted(folder.glob("*.whl")):
        name = "-".join(wheel.name.split("-")[:2])
        texts = 0
        with zipfile.ZipFile(wheel) as packed:
            for entry in packed.namelist():
                where, _slash, file = entry.rpartition("/")
                if ".dist-info" in where and file.lower().startswith(LICENCE_NAMES):
                    (into / name).mkdir(parents=True, exist_ok=True)
                    (into / name / file).write_bytes(packed.read(entry))
                    texts += 1
            if not texts:
                silent.append(name)
                (into / name).mkdir(parents=True, exist_ok=True)
                metadata = next(each for each in packed.namelist() if each.endswith("/METADATA"))
                (into / name / "METADATA").write_bytes(packed.read(metadata))
    return sorted(set(silent))


def checksums(folder: Path) -> str:
    """What sha256sum --check reads, over every file."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
        for path in files
    )


def archive(folder: Path, into: Path) -> None:
    """Pack a folder: the same files give the same bytes, whoever packs them and when."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = member.mtime = 0
        member.uname = member.gname = ""
        member.mode = 0o755 if member.isdir() or member.name.endswith(".sh") else 0o644
        return member

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.add(folder, folder.name, recursive=False, filter=plain)
        for path in sorted(folder.rglob("*")):
            name = f"{folder.name}/{path.relative_to(folder)}"
            tar.add(path, name, recursive=False, filter=plain)
    into.write_bytes(gzip.compress(packed.getvalue(), 6, mtime=0))


def make(targets: list[Target], dist: Path = DIST) -> Path:
    """Write the archive, and say where it lies; SystemExit when pip cannot give the wheels."""
    dist.mkdir(exist_ok=True)
    folder = dist / "whistle-bundle"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "wheels").mkdir(parents=True)
    try:
        wheels(folder / "wheels", targets)
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"pip 取包失败，原因见上 / pip failed, see above: {error}") from error
    for silent in licences(folder / "wheels", folder / "licences"):
        print(f"只有 METADATA / its licence is named in its METADATA only: {silent}")
    shutil.copy(HOUSE / "LICENSE", folder / "LICENSE")
    shutil.copy(Path(__file__).with_name("install.sh"), folder / "install.sh")
    (folder / "SHA256SUMS").write_text(checksums(folder), encoding="utf-8")
    (own,) = (folder / "wheels").glob("whistle-*.whl")
    made = dist / f"whistle-{own.name.split('-')[1]}-linux.tar.gz"
    archive(folder, made)
    shutil.rmtree(folder)
    return made


if __name__ == "__main__":
    written = make(HERE if "--here" in sys.argv[1:] else EVERYWHERE)
    print(f"{written}  {written.stat().st_size // 1024} KB")
    print(f"sha256 {hashlib.sha256(written.read_bytes()).hexdigest()}")
