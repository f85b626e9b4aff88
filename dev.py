#!/usr/bin/env python3
"""Set up and run Whistle from a bare checkout; needs nothing but Python 3.11+.

python3 dev.py demo [ARG ...]    make .venv, install, play the busy day (`whistle demo`)
python3 dev.py check [ARG ...]   the same with the tools, then every test (ARGs go to pytest)
python3 dev.py lint              ruff, mypy --strict, import contracts
python3 dev.py docs              write the reference, and true output into the pages
python3 dev.py bundle [--here]   an archive that installs without network (--here: this machine)
python3 dev.py words             collect every text anew; names those without a translation
"""

import sys

# hexversion and not version_info: an old Python must get this sentence, and linters for 3.11
# would call the comparison outdated. Everything below may be new; only the syntax must parse.
if sys.hexversion < 0x030B0000:
    sys.exit(
        f"需要 Python 3.11 或更新版本 / Whistle needs Python 3.11 or newer: {sys.executable} is "
        f"{sys.version.split()[0]}"
    )

import compileall
import hashlib
import importlib.util
import io
import os
import shutil
import subprocess
from pathlib import Path

HOUSE = Path(__file__).resolve().parent
VENV = HOUSE / ".venv"
BIN = VENV / "bin"
STAMP = VENV / "whistle-stamp"
WORKERS = min(os.cpu_count() or 1, 4) + 1  # one more than work: some tests wait; `check -n 8`
SHARED = ("-n", str(WORKERS), "--dist", "worksteal")  # a file's tests stay together at first
VENV_PACKAGE = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"

LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy", "--strict"),
    ("lint-imports",),
)


def run(*command: str | Path) -> int:
    """Run a program in the checkout and give its exit code.

    Bytecode is written: without it every start compiles our own code again.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    sys.stdout.flush()
    return subprocess.call([str(word) for word in command], cwd=HOUSE, env=environment)


def stop(sentence: str) -> int:
    """Say in one line, in Chinese and English, what is missing and what to run."""
    print(sentence, file=sys.stderr)
    return 1


def fetch_venv() -> int:
    """Make sure this Python can make a venv that has pip; Debian keeps both in a package."""
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return 0
    install = f"apt-get install -y --no-install-recommends {VENV_PACKAGE}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        os.environ.setdefault("DEBIAN_FRONTEND", "noninteractive")
        if run("apt-get", "-qq", "update") == 0 and run(*install.split(), "-qq") == 0:
            return 0
    return stop(f"缺少 venv，请先运行 / this Python has no venv, run first: sudo {install}")


def held(fingerprint: str) -> list[str]:
    """What .venv holds of this very pyproject.toml and Python: [], ["bare"] or ["bare", "dev"]."""
    if not STAMP.is_file():
        return []
    known, *extras = STAMP.read_text(encoding="utf-8").split()
    return extras if known == fingerprint else []


def install(extra: str) -> int:
    """Make .venv and install the checkout into it, once for each state of pyproject.toml.

    Editable, so that an edit counts without another install; pip compiles what it installs, our
    own files are compiled here. A checkout that moved or changed its Python starts afresh.
    """
    # not sys.version: its build date changes when apt brings a patched Python along with venv
    origin = f"{sys.version_info} {sys.executable} {VENV}\n".encode()
    fingerprint = hashlib.sha256(origin + (HOUSE / "pyproject.toml").read_bytes()).hexdigest()
    here = held(fingerprint)
    if extra in here:
        return 0
    if code := fetch_venv():
        return code
    print("准备 .venv（仅首次） / preparing .venv (first time only) …", file=sys.stderr)
    if not here and run(sys.executable, "-m", "venv", "--clear", VENV):
        return stop(f"无法建立，原因见上 / cannot be made, the reason stands above: {VENV}")
    wanted = f"{HOUSE}[dev]" if extra == "dev" else str(HOUSE)
    if run(BIN / "python", "-m", "pip", "install", "--quiet", "--editable", wanted):
        again = "python3 dev.py " + sys.argv[1]
        return stop(f"安装失败，原因见上，解决后运行 / pip failed, see above, then run: {again}")
    for source in (HOUSE / "whistle", HOUSE / "projections"):
        compileall.compile_dir(source, quiet=1)
    compileall.compile_file(HOUSE / "cli.py", quiet=1)
    STAMP.write_text(f"{fingerprint} bare {extra}", encoding="utf-8")
    return 0


def lint() -> int:
    """Run every linter, even after one has complained; 1 if any did."""
    return max([min(run(BIN / tool, *arguments), 1) for tool, *arguments in LINTERS])


def main(words: list[str]) -> int:
    """Do what the first word says; the rest goes to the program it starts."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a GBK or ASCII terminal gets ? and no traceback
            stream.reconfigure(errors="replace")
    verb, *rest = words or ["help"]
    plain = verb in ("lint", "words")
    if verb not in ("demo", "check", "docs", "bundle", "lint", "words") or (plain and rest):
        print(__doc__)
        return 0 if verb in ("help", "-h", "--help") else 2
    if code := install("bare" if verb in ("demo", "bundle") else "dev"):
        return code
    if verb == "demo":
        return run(BIN / "whistle", "demo", *rest)
    if verb == "check":
        return run(BIN / "python", "-m", "pytest", *SHARED, *rest)
    if verb == "docs":
        return run(BIN / "python", "-m", "docs.generate", *rest)
    if verb == "bundle":
        return run(BIN / "python", HOUSE / "bundle" / "make.py", *rest)
    if verb == "words":
        return run(BIN / "python", "-m", "tests.words")
    return lint()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
