"""Values that are one of a few words, in English or in Chinese: `--result fixed`, `--结果 解决`."""

from collections.abc import Mapping
from typing import Any

import click

from projections.desk.words import folded, say
from whistle.domain.refusal import _

OUTCOMES: Mapping[str, str] = {
    "解决": "fixed", "已解决": "fixed", "部分解决": "partly", "未解决": "not-fixable",
    "转办": "referred",
}  # fmt: skip
ROLES: Mapping[str, str] = {
    "领导": "leader", "内勤": "clerk", "队员": "officer", "考核员": "evaluator",
    "督查员": "supervisor", "备岗": "alternate",
}  # fmt: skip


LINES: Mapping[str, str] = {"电话": "phone", "电台": "radio", "书面": "paper"}
TIMER: Mapping[str, str] = {"安装": "install", "打印": "print"}
REACHED: Mapping[str, str] = {"待办": "inbox", "电话": "phone"}


class Words(click.Choice[str]):
    """A choice whose Chinese words stand for the English ones, which alone are kept."""

    def __init__(self, choices: Mapping[str, str]) -> None:
        super().__init__(list(dict.fromkeys(choices.values())))
        self.chinese = dict(choices)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The English word; a usage error names both."""
        meant = folded(str(value))
        return super().convert(self.chinese.get(meant, meant), param, ctx)

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """What there is, in both languages."""
        both = ", ".join(
            "/".join((code, *(word for word, at in self.chinese.items() if at == code)))
            for code in self.choices
        )
        return say(_("{text} is not one of these: {known}."), text=value, known=both)
