"""The questions of `whistle setup`, on a terminal: each with a default, each an option too."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from projections.desk.desk import Desk
from projections.desk.words import folded, say
from whistle.domain.initials import initials
from whistle.domain.refusal import _

if TYPE_CHECKING:
    from projections.desk.setting_up import Wish

T = TypeVar("T")

_LEVELS = ("街道", "镇", "乡")  # no part of what a town is called by


def may_ask(desk: Desk) -> bool:
    """Whether somebody sits there to answer: never into a pipe, nor when told not to."""
    quiet = ("no_input", "json", "quiet")
    return sys.stdin.isatty() and sys.stderr.isatty() and not any(map(desk.options.get, quiet))


def ask(wish: "Wish", place: str, *, sure: bool) -> None:
    """Ask for all that was not said, and at the end whether to go on; click.Abort when not."""
    from whistle.sheets.town import TEMPLATES, common_units

    _tell(_("A town is set up here. Enter takes what stands in brackets."))
    if wish.town is None:
        wish.town = _asked(_("The town's name"), _named)
    if wish.code is None:
        wish.code = _asked(_("Its code in every name"), _code, _short(wish.town))
    if wish.playbook is None:
        text = _("The rules: a file, or a template ({known})")
        wish.playbook = _asked(text, _rules, TEMPLATES[0], known=", ".join(TEMPLATES))
    common = common_units()
    if wish.units is None:
        text = _("A list of units, .csv .xlsx .toml; empty for the {count} common ones")
        wish.units = _asked(text, _file, "", count=len(common))
    if wish.office is None:
        text = _("The unit that blows; empty for the one in the list")
        wish.office = _asked(text, folded, "")
    if wish.leader is None:
        wish.leader = _asked(_("Who approves for it; empty for nobody yet"), _person, "")
    if wish.persons is None:
        wish.persons = _asked(_("A list of persons; empty for none yet"), _file, "")
    if wish.items is None:
        wish.items = _asked(_("A list of items; empty for those of the rules"), _file, "")
    if wish.shared is not None and wish.group is None:
        _ask_group(wish, wish.shared)
    question = say(_("Open the record of {town} at {path}?"), town=wish.town, path=place)
    if not sure:
        click.confirm(question, default=True, abort=True, err=True)


def _ask_group(wish: "Wish", folder: Path) -> None:
    from projections.desk.sharing import own_group
    from whistle.log.rights import shared_group

    if shared_group(folder) is None:
        wish.group = _asked(_("The group of accounts that shares it"), _named, own_group())


def _asked(text: str, read: Callable[[str], T], default: str | None = None, **words: object) -> T:
    """An answer that `read` understands; what it refuses is said, and asked again."""
    answer: T = click.prompt(
        say(text, **words), default=default, value_proc=read, err=True,
        show_default=bool(default),
    )  # fmt: skip
    return answer


def _tell(text: str) -> None:
    click.echo(say(text), err=True)


def _short(town: str) -> str:
    """What a town's code may be: the initials of its name, 望榆镇 is WY."""
    bare = folded(town)
    for level in _LEVELS:
        bare = bare.removesuffix(level)
    return initials(bare).upper()[:8]


def _named(text: str) -> str:
    if not folded(text):
        raise click.UsageError(say(_("Write a name.")))
    return folded(text)


def _code(text: str) -> str:
    code = folded(text)
    if not (code.isascii() and code.isalnum() and len(code) <= 8):
        raise click.UsageError(say(_("A town code is one to eight letters or digits, such as WY.")))
    return code


def _person(text: str) -> str:
    if "/" in text:
        raise click.UsageError(say(_("A person has a name, without a / in it.")))
    return folded(text)


def _file(text: str) -> Path | None:
    path = Path(text.strip().strip("'\"")).expanduser()  # as a terminal drops a file into it
    if text.strip() and not path.is_file():
        raise click.UsageError(say(_("There is no file {path}."), path=str(path)))
    return path if text.strip() else None


def _rules(text: str) -> str:
    from whistle.sheets.town import TEMPLATES

    if text not in TEMPLATES:
        _file(text)
    return text
