"""`setup --shared`: a store for a group of accounts on one machine, and the machine's profile."""

import grp
import json
import os
import shlex
from pathlib import Path
from typing import NamedTuple

import click

from projections.desk.words import say
from whistle import settings
from whistle.domain.refusal import Refused, _
from whistle.log import rights


class Shared(NamedTuple):
    """Where a group keeps its store."""

    folder: Path
    group: int

    def store(self, code: str) -> Path:
        """The town's file in it."""
        return self.folder / f"{code.lower()}.db"


def shared(folder: Path, group: str | None) -> Shared:
    """The folder and the group that were asked for; a folder that is shared has its group."""
    folder = folder.absolute()
    if group:
        try:
            return Shared(folder, grp.getgrnam(group).gr_gid)
        except KeyError:
            hint = say(_("There is no group {group} on this machine."), group=group)
            raise click.UsageError(hint) from None
    known = rights.shared_group(folder)
    if known is None:
        ctx = click.get_current_context()
        param = next(each for each in ctx.command.params if each.name == "group")
        raise click.MissingParameter(ctx=ctx, param=param)
    return Shared(folder, known)


def own_group() -> str:
    """The name of this account's first group."""
    try:
        return grp.getgrgid(os.getgid()).gr_name
    except KeyError:
        return ""


def prepare(place: Shared) -> None:
    """The folder, with rights for its group; Refused names the line that an administrator types."""
    try:
        rights.share_folder(place.folder, place.group)
    except PermissionError as error:
        group = grp.getgrgid(place.group).gr_name
        line = f"sudo install -d -m 2770 -g {shlex.quote(group)} {shlex.quote(str(place.folder))}"
        raise Refused(
            _("This account may not share {folder} with the group {group}."),
            rule="setup.shared",
            hint=line,
            folder=str(place.folder),
            group=group,
        ) from error


def profile(store: str, code: str) -> list[str]:
    """Write the machine's profile, so that every account finds the store without a flag.

    What is told: where it stands, or the line to type where this account may not write it. A
    default that names another store is left; the town's profile then has its code for a name.
    """
    path = settings.machine_file()
    there = settings.tables_of(path)
    if any(table.get("store") == store for table in there.values() if isinstance(table, dict)):
        return [say(_("The machine's profile names the store: {path}"), path=str(path))]
    name = "default" if "default" not in there else code.lower()
    if name in there:
        return [say(_("The profiles in {path} name other stores; add this one there."),
                    path=str(path))]  # fmt: skip
    lines = [f"[{name}]", f"store = {json.dumps(store, ensure_ascii=False)}"]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join(["", *lines, ""] if there else [*lines, ""]))
        path.chmod(0o644)  # others read it, whatever the umask is
    except OSError:
        typed = " ".join(shlex.quote(line) for line in lines)
        where = shlex.quote(str(path.parent)), shlex.quote(str(path))
        return [
            say(_("So that every account finds the store, an administrator types:")),
            f"  sudo mkdir -p {where[0]} && printf '%s\\n' {typed} | sudo tee -a {where[1]}",
        ]
    told = [say(_("Every account of this machine finds the store now: {path}"), path=str(path))]
    if name != "default":
        told.append(say(_("  as: whistle --profile {name}"), name=name))
    return told
