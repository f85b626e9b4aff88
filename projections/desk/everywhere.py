"""The options of every verb: whose act it is, when, under which key, how the answer is shown."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from projections.desk.choosing import Words
from projections.desk.hoist import COLORS, LEVELS, MOUTHS, TONGUES
from whistle.domain.refusal import _

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS = (
    click.option(
        "--store",
        "--库",
        metavar="URL",
        help=_("The store: sqlite:///PATH or postgresql://… [WHISTLE_STORE]"),
    ),
    click.option(
        "--as", "--身份", "speaker", metavar="UNIT[/PERSON]", help=_("Who you are. [WHISTLE_AS]")
    ),
    click.option("--behalf", "--代", metavar="UNIT", help=_("Whose act it is, told by phone.")),
    click.option(
        "--told", "--口述", "mouth", type=Words(MOUTHS), help=_("By what it was told; else phone.")
    ),
    click.option(
        "--speaker",
        "--口述人",
        "spoke",
        metavar="NAME",
        help=_("Who of that unit spoke, or 值班员."),
    ),
    click.option("-m", "--note", "--备注", metavar="TEXT", help=_("Words to put on record.")),
    click.option("--at", "--时间", metavar="TIME", help=_("When it was: 23:40, -20m, RFC 3339.")),
    click.option("--why", "--事由", metavar="TEXT", help=_("Why it is typed later, or corrected.")),
    click.option(
        "--key", "--键", metavar="KEY", help=_("Your id of this command: a repeat adds nothing.")
    ),
    click.option("--expect", type=int, metavar="N", help=_("Only if it is still at version N.")),
    click.option(
        "--dry-run", "--预演", is_flag=True, help=_("Say what would be recorded; write nothing.")
    ),
    click.option("--json", is_flag=True, help=_("One JSON object on standard output.")),
    click.option("--jsonl", is_flag=True, help=_("One JSON object a line, for listings.")),
    click.option("-q", "--quiet", "--仅名称", is_flag=True, help=_("Names only.")),
    click.option("--yes", "--不问", is_flag=True, help=_("Do not ask.")),
    click.option("--no-input", is_flag=True, help=_("Never prompt.")),
    click.option("--fail-fast", "--遇错即停", is_flag=True, help=_("Of lines: stop at a bad one.")),
    click.option(
        "--lang",
        "--语言",
        type=Words(TONGUES),
        metavar="zh|en",
        help=_("The language. [WHISTLE_LANG]"),
    ),
    click.option("--tz", metavar="ZONE", help=_("The zone times are shown in; else +08:00.")),
    click.option("--profile", "--配置", metavar="NAME", help=_("The profile of this desk.")),
    click.option(
        "--log-level", type=click.Choice(LEVELS), help=_("Tell what happens on standard error.")
    ),
    click.option("--log-format", type=click.Choice(["text", "json"]), help=_("How it is told.")),
    click.option(
        "--color",
        "--颜色",
        type=Words(COLORS),
        help=_("Overdue red, due soon yellow. [NO_COLOR]"),
    ),
)


def everywhere(command: F) -> F:
    """The root with the options that stand before a verb or after it."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
