"""Help in the user's language, laid out by how wide a terminal draws it.

Texts of commands and options are English in the code and looked up here when a command is used. A
Chinese sign takes two columns and may end a line anywhere; click counts signs and knows no such
break, so lists and paragraphs are laid out here.
"""

import copy
import gettext
import inspect
import re
from collections.abc import Iterable
from typing import TypeVar

import click

from projections.desk.terminal import wide
from projections.desk.words import DOMAIN, say
from whistle.domain.refusal import _

_C = TypeVar("_C", bound=click.Command)
_P = TypeVar("_P", bound=click.Parameter)
_TYPED = ("text", "integer", "float", "path", "file", "directory", "boolean")  # click's own words

# One piece is never torn apart: a wide sign or a word, with the signs that may not begin or end
# a line (GB/T 15834 5.1 keeps a closing sign off the beginning and an opening one off the end).
_WIDE = r"ᄀ-ᅟ⺀-〿぀-꓏가-힣豈-﫿︰-﹏＀-｠￠-￦"
_OPENS, _CLOSES = r"（“《「【", r"，。；：、！？）”》」】…"
_BARE = rf"[^\s{_WIDE}{_OPENS}{_CLOSES}]"
_PIECE = rf"\s+|[{_OPENS}]*(?:{_BARE}+|[^\s{_OPENS}{_CLOSES}])[{_CLOSES}]*|[{_OPENS}{_CLOSES}]+"


def wrapped(text: str, width: int) -> list[str]:
    """One paragraph as lines of at most `width` columns; a word longer than that stands alone."""
    lines, line, used = [], "", 0
    for piece in re.findall(_PIECE, text):  # compiled when a page is laid out, not at start-up
        taken = 1 if piece.isspace() else wide(piece)
        if line and used + taken > width:
            lines.append(line.rstrip())
            line, used = "", 0
        if not (piece.isspace() and not line):
            line, used = line + (" " if piece.isspace() else piece), used + taken
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def paragraphs(text: str, width: int) -> list[str]:
    """A text as lines: paragraphs stand apart by an empty line, each wrapped."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines.extend(["", *wrapped(" ".join(paragraph.split()), width)])
    return lines[1:]


class Sheet(click.HelpFormatter):
    """click's help page, counted in columns instead of signs."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The line that says how the command is typed."""
        head = prefix or say(_("Usage: {program}"), program=prog)
        indent = wide(head) + 1
        lines = wrapped(args, max(self.width - indent, 20))
        self.write("\n".join([f"{head} {lines[0]}", *(" " * indent + line for line in lines[1:])]))
        self.write("\n")

    def write_heading(self, heading: str) -> None:
        """A heading of a list."""
        self.write(" " * self.current_indent + say(_("{heading}:"), heading=heading) + "\n")

    def write_text(self, text: str) -> None:
        """Paragraphs."""
        indent = " " * self.current_indent
        for line in paragraphs(text, self.width - self.current_indent):
            self.write(f"{indent}{line}".rstrip() + "\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """A list of names with what each is for, in two columns."""
        listed = list(rows)
        longest = max((wide(name) for name, _text in listed), default=0)
        second = min(longest, col_max) + col_spacing
        room = max(self.width - second - self.current_indent, 10)
        gap = " " * self.current_indent
        for name, text in listed:
            lines = paragraphs(text, room) if text else [""]
            if wide(name) + col_spacing > second:
                self.write(f"{gap}{name}\n")
                name = ""
            for line in lines:
                self.write(f"{gap}{name}{' ' * (second - wide(name))}{line}".rstrip() + "\n")
                name = ""


class Page(click.Context):
    """A context whose help is laid out on a Sheet."""

    formatter_class = Sheet


def translated(command: _C) -> _C:
    """A copy of a command, and of its subcommands, that speaks the user's language."""
    # gettext.gettext looks for the catalogue's file at every call; a page asks a hundred times
    spoken = gettext.translation(DOMAIN, gettext.bindtextdomain(DOMAIN), fallback=True)
    return _copied(command, spoken)


def _copied(command: _C, spoken: gettext.NullTranslations) -> _C:
    shown = copy.copy(command)
    shown.context_class = Page
    shown.help = _said(spoken, command.help)
    shown.short_help = _said(spoken, command.short_help)
    shown.epilog = _said(spoken, command.epilog)
    shown.options_metavar = _said(spoken, command.options_metavar)
    shown.params = [_copied_parameter(each, spoken) for each in command.params]
    if isinstance(shown, click.Group):
        shown.subcommand_metavar = _said(spoken, shown.subcommand_metavar) or ""
        shown.commands = {name: _copied(each, spoken) for name, each in shown.commands.items()}
    return shown


def _copied_parameter(parameter: _P, spoken: gettext.NullTranslations) -> _P:
    shown = copy.copy(parameter)
    if (placeholder := placeholder_of(parameter)) is not None:
        shown.metavar = _said(spoken, placeholder)
    if isinstance(shown, click.Option):
        shown.help = _said(spoken, shown.help)
    return shown


def placeholder_of(parameter: click.Parameter) -> str | None:
    """What stands for a value in usage and lists (CALL, TEXT); None where click says it better."""
    if parameter.metavar is not None:
        return parameter.metavar
    plain = parameter.nargs == 1 and parameter.type.name in _TYPED
    if isinstance(parameter, click.Argument):
        return parameter.name.upper() if plain and parameter.required and parameter.name else None
    flag = isinstance(parameter, click.Option) and (parameter.is_flag or parameter.count)
    return parameter.type.name.upper() if plain and not flag else None


def _said(spoken: gettext.NullTranslations, text: str | None) -> str | None:
    return spoken.gettext(inspect.cleandoc(text)) if text else text
