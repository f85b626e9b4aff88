"""Where the store is and who sits at this desk: option, environment, then profile file."""

import os
from pathlib import Path
from typing import Any

import msgspec

from whistle.domain.refusal import NotFound, Refused, _


class Settings(msgspec.Struct, frozen=True):
    """What a profile sets; an option given on the command line wins over each of them."""

    store: str
    speaker: str = ""  # UNIT or UNIT/PERSON
    language: str = ""


def load(profile: str | None) -> Settings:
    """The settings in force: WHISTLE_STORE and WHISTLE_AS, else the profile, else the default.

    Raises NotFound for a profile that somebody named and no file has: its verbs would be another's.
    """
    named = profile or os.environ.get("WHISTLE_PROFILE")
    table = _profile(named or "default")
    if table is None and named not in (None, "default"):
        raise NotFound(
            _("There is no profile {name}; there are: {known}."),
            hint=_("write it into {path}"),
            name=named,
            known=", ".join(sorted({name for path in _files() for name in tables_of(path)})) or "-",
            path=str(_files()[-1]),
        )
    table = table or {}
    default = f"sqlite:///{store_folder() / 'whistle.db'}"
    return Settings(
        store=os.environ.get("WHISTLE_STORE") or str(table.get("store", default)),
        speaker=os.environ.get("WHISTLE_AS") or str(table.get("as", "")),
        language=str(table.get("lang", "")),
    )


def store_folder() -> Path:
    """Where this person's stores lie unless they are told otherwise (XDG base directories)."""
    return _home("XDG_DATA_HOME", ".local/share") / "whistle"


def config_folder() -> Path:
    """Where this person's settings lie (XDG base directories)."""
    return _home("XDG_CONFIG_HOME", ".config")


def machine_file() -> Path:
    """The profiles that every account of this machine has; its own go on top of them."""
    folders = os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    return Path(folders.split(os.pathsep)[0]) / "whistle" / "config.toml"


def _home(variable: str, fallback: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / fallback)


def _profile(name: str) -> dict[str, Any] | None:
    """A profile: what the machine's file says of it, and on top of that what this person's says.

    None when neither knows it.
    """
    found: dict[str, Any] | None = None
    for path in _files():
        table = tables_of(path).get(name)
        if table is None:
            continue
        if not isinstance(table, dict):
            raise _unreadable(path, f"{name} is not a table")
        found = (found or {}) | table
    return found


def _files() -> tuple[Path, Path]:
    """The machine's profiles, and this person's."""
    return machine_file(), config_folder() / "whistle" / "config.toml"


def tables_of(path: Path) -> dict[str, Any]:
    """The profiles in a file, by name; none when there is no such file.

    Raises Refused when it cannot be read.
    """
    if not path.is_file():
        return {}
    import tomllib  # only a desk with a profile file pays for the parser

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _unreadable(path, str(error)) from error


def _unreadable(path: Path, fault: str) -> Refused:
    return Refused(
        _("The profile file {path} cannot be read: {fault}."),
        rule="settings.profile",
        path=str(path),
        fault=fault,
    )
