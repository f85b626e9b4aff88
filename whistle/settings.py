"""Where the store is and who sits at this desk: option, environment, then profile file."""

import os
from pathlib import Path
from typing import Any, NamedTuple

from whistle.domain.refusal import Refused, Unreachable, _


class Settings(NamedTuple):
    """What a profile sets; an option given on the command line wins over each of them."""

    store: str
    speaker: str = ""  # UNIT or UNIT/PERSON
    language: str = ""


def load(profile: str | None) -> Settings:
    """The settings in force: WHISTLE_STORE and WHISTLE_AS, else the profile, else the default."""
    table = _profile(profile or os.environ.get("WHISTLE_PROFILE", "default"))
    default = f"sqlite:///{store_folder() / 'whistle.db'}"
    return Settings(
        store=os.environ.get("WHISTLE_STORE") or str(table.get("store", default)),
        speaker=os.environ.get("WHISTLE_AS") or str(table.get("as", "")),
        language=str(table.get("lang", "")),
    )


def store_folder() -> Path:
    """Where this person's stores lie unless they are told otherwise (XDG base directories)."""
    return _home("XDG_DATA_HOME", ".local/share") / "whistle"


def _home(variable: str, fallback: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / fallback)


def _profile(name: str) -> dict[str, Any]:
    path = _home("XDG_CONFIG_HOME", ".config") / "whistle" / "config.toml"
    if not path.is_file():
        return {}
    import tomllib  # only a desk with a profile file pays for the parser

    try:
        table = tomllib.loads(path.read_text("utf-8")).get(name, {})
        if not isinstance(table, dict):
            raise tomllib.TOMLDecodeError(f"{name} is not a table")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(
            _("The profile file {path} cannot be read: {fault}."),
            rule="settings.profile",
            path=str(path),
            fault=str(error),
        ) from error
    return table


def sqlite_path(url: str) -> Path:
    """The file of an sqlite:///PATH address; Unreachable for any other store."""
    if url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        return Path(url.removeprefix("sqlite:///"))
    raise Unreachable(
        _("{url} is not a store this version opens: write sqlite:///PATH."),
        rule="settings.store",
        url=url.split("@")[-1],  # what stands before the @ may be a password
    )
