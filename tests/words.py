"""Every text that people read, collected from the code, and the catalogue that translates them.

`python3 dev.py words` writes the catalogue anew: what is translated stays, what is gone goes, what
is new stands there empty and is named, and the compiled catalogue follows.
"""

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import cli
from projections.desk.helping import placeholder_of
from whistle import __version__

HOUSE = Path(__file__).resolve().parent.parent
PO = HOUSE / "whistle" / "locale" / "zh_CN" / "LC_MESSAGES" / "whistle.po"
MO = PO.with_suffix(".mo")
PRODUCT = [HOUSE / "cli.py", *HOUSE.glob("whistle/**/*.py"), *HOUSE.glob("projections/**/*.py")]
CLICK = Path(inspect.getfile(click)).parent
CLICK_SPEAKS = (
    "core",
    "decorators",
    "exceptions",
    "formatting",
    "parser",
    "termui",
    "types",
    "utils",
)
COMMENT = """\
# What Whistle says, in Chinese. Written anew by `python3 dev.py words`: texts come from the code,
# translations are kept; edit only the msgstr lines.
#"""
BY_HAND = ("required",)  # click looks this one up under a name that only exists while it runs

Msgid = str | tuple[str, str]
Texts = dict[Msgid, set[str]]  # a text, and where it stands


def of_house() -> Texts:
    """Our own texts: marked with `_`, given as a next step, or shown as help."""
    found: Texts = {}
    for path in PRODUCT:
        for text in _marked(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(text, set()).add(path.relative_to(HOUSE).as_posix())
    for name, verb in cli.VERBS.items():
        module, _colon, attribute = verb.target.partition(":")
        command = getattr(importlib.import_module(f"projections.desk.{module}"), attribute)
        for text in _shown(command):
            found.setdefault(text, set()).add(f"whistle {name}")
    for text in _shown(cli.root):
        found.setdefault(text, set()).add("whistle")
    return found


def of_click() -> Texts:
    """The sentences of the click that is installed; another release may say others."""
    found: Texts = {text: {"click/core"} for text in BY_HAND}
    for name in CLICK_SPEAKS:
        tree = ast.parse((CLICK / f"{name}.py").read_text(encoding="utf-8"))
        for text in _marked(tree):
            found.setdefault(text, set()).add(f"click/{name}")
    return found


def unmarked() -> list[str]:
    """Calls of `_` on something else than a text: nobody could collect those."""
    return [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _called(node) == "_" and not _constants(node)
    ]


def _marked(tree: ast.Module) -> Iterator[Msgid]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        texts = _constants(node)
        if _called(node) == "_" and texts:
            yield texts[0]
        elif _called(node) == "ngettext" and len(texts) > 1:
            yield texts[0], texts[1]
        for keyword in node.keywords:
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if keyword.arg == "hint" and isinstance(value, str):
                yield value


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _constants(node: ast.Call) -> list[str]:
    values = [each.value for each in node.args if isinstance(each, ast.Constant)]
    return [value for value in values if isinstance(value, str)]


def _shown(command: click.Command) -> Iterator[str]:
    texts = [command.help, command.short_help, command.epilog, command.options_metavar]
    if isinstance(command, click.Group):
        texts.append(command.subcommand_metavar)
    for parameter in command.params:
        texts.append(placeholder_of(parameter))
        texts.append(parameter.help if isinstance(parameter, click.Option) else None)
    yield from (inspect.cleandoc(text) for text in texts if text)
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from _shown(each)


def catalogue() -> Catalog:
    """The Chinese catalogue as it is committed."""
    with PO.open("rb") as file:
        return read_po(file, locale="zh_CN", abort_invalid=True)


def renewed(old: Catalog) -> Catalog:
    """The catalogue of the texts there are now, with the translations there were."""
    new = Catalog(
        locale="zh_CN",
        header_comment=COMMENT,
        project="whistle",
        version=__version__,
        copyright_holder="the Whistle authors",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="zh_CN",
        creation_date=old.creation_date,  # kept, so that a run without a change changes nothing
        revision_date=old.creation_date,
        fuzzy=False,
    )
    texts: Texts = of_click()
    for text, places in of_house().items():
        texts.setdefault(text, set()).update(places)
    for text in sorted(texts, key=lambda each: (min(texts[each]), str(each))):
        known = old.get(text)
        new.add(
            text,
            string=known.string if known is not None else "",
            locations=[(place, 0) for place in sorted(texts[text])],
            flags=known.flags if known is not None else (),
        )
    return new


def main() -> int:
    """Write both files; 1 while a text is without its translation."""
    new = renewed(catalogue() if PO.exists() else Catalog(locale="zh_CN"))
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, new, width=100, include_lineno=False, sort_by_file=False)
    with MO.open("wb") as file:
        write_mo(file, new)
    waiting = [message.id for message in new if message.id and not all(translations(message))]
    for text in waiting:
        print(f"没有译文 / not translated: {text!r}", file=sys.stderr)
    return 1 if waiting else 0


def translations(message: Message) -> tuple[str, ...]:
    """What a text is in Chinese: one sentence, or one for each plural; "" where it is missing."""
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


if __name__ == "__main__":
    sys.exit(main())
