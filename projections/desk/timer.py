"""`setup --timer`: the clocks speak each minute, by a user's systemd timer or a line of cron."""

import os
import shlex
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from projections.desk.words import say
from whistle import settings
from whistle.domain.moment import Instant
from whistle.domain.refusal import _
from whistle.log.rights import open_beside

PATIENCE_S = 20


def installed(store: str, code: str, *, only_print: bool) -> list[str]:
    """Install the timer of a store, or tell what to put into cron; in both cases how to undo it.

    It belongs to this account and never needs root.
    """
    name = f"whistle-{code.lower()}"
    words = [*_program(), "--store", store, "-q", "clock", "tick"]
    if only_print or not _systemctl("show-environment"):
        return _cron(name, words)
    folder = settings.config_folder() / "systemd" / "user"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.service").write_text(_unit_of(words), encoding="utf-8")
    (folder / f"{name}.timer").write_text(_timer(), encoding="utf-8")
    if not (_systemctl("daemon-reload") and _systemctl("enable", "--now", f"{name}.timer")):
        for ending in ("service", "timer"):
            (folder / f"{name}.{ending}").unlink(missing_ok=True)
        return _cron(name, words)
    files = " ".join(shlex.quote(str(folder / f"{name}.{end}")) for end in ("service", "timer"))
    return [
        say(_("The clocks speak each minute: {timer}"), timer=f"{name}.timer"),
        say(_("  while nobody of this account is logged in, too: {line}"),
            line="loginctl enable-linger"),
        say(_("  to end it: {line}"),
            line=f"systemctl --user disable --now {name}.timer && rm {files}"),
    ]  # fmt: skip


def note_heard(store: Path, at: Instant) -> None:
    """Remember when the clocks of a store last spoke by themselves, in a file beside it.

    Who may not write there goes without: it is for `doctor` alone.
    """
    with suppress(OSError):
        os.close(open_beside(_heard(store), store))
        os.utime(_heard(store), ns=(at * 1000, at * 1000))


def last_heard(store: Path) -> Instant | None:
    """When the clocks of a store last spoke by themselves; None when they never did."""
    try:
        return _heard(store).stat().st_mtime_ns // 1000
    except OSError:
        return None


def _heard(store: Path) -> Path:
    return store.with_name(f"{store.name}.heard")


def _program() -> list[str]:
    """How this program is called where no path is set."""
    called = Path(sys.argv[0])
    if called.name == "whistle" and called.is_file():
        return [str(called.absolute())]
    found = shutil.which("whistle")
    return [str(Path(found).absolute())] if found else [sys.executable, "-m", "cli"]


def _systemctl(*words: str) -> bool:
    """Whether the account's own systemd did as it was told; false too where there is none."""
    try:
        run = subprocess.run(  # noqa: S603 - fixed words and the name of our own unit
            ["systemctl", "--user", *words],  # noqa: S607 - wherever the system has it
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0


def _unit_of(words: list[str]) -> str:
    return (
        "[Unit]\nDescription=Whistle: what fell due is recorded\n\n"
        f"[Service]\nType=oneshot\nExecStart={' '.join(map(_quoted, words))}\n"
    )


def _timer() -> str:
    return (
        "[Unit]\nDescription=Whistle: the clocks speak each minute\n\n"
        "[Timer]\nOnCalendar=minutely\nAccuracySec=1s\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )


def _quoted(word: str) -> str:
    """A word of ExecStart: in quotes, with no specifier and no variable (systemd.service(5))."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("%", "%%").replace("$", "$$") + '"'


def _cron(name: str, words: list[str]) -> list[str]:
    """The line of a crontab (crontab(5)), where % would end the command."""
    typed = " ".join(map(shlex.quote, words)).replace("%", "\\%")
    line = f"* * * * * {typed} # {name}"
    return [
        say(_("So that the clocks speak each minute, add this line with crontab -e:")),
        f"  {line}",
        say(_("  to end it: {line}"), line=f"crontab -l | grep -v '# {name}$' | crontab -"),
    ]
