"""Global options may stand behind the verb too: they are moved to the front before parsing."""

from collections.abc import Sequence

WITH_VALUE = frozenset(
    {
        "--store", "--as", "--behalf", "--told", "--speaker", "-m", "--note", "--at", "--why",
        "--key", "--expect", "--lang", "--tz", "--profile", "--log-level", "--log-format",
        "--color",
    }
)  # fmt: skip
FLAGS = frozenset(
    {"--json", "--jsonl", "-q", "--quiet", "--dry-run", "--yes", "--no-input", "--fail-fast"}
)
CHINESE = {
    "--库": "--store", "--身份": "--as", "--代": "--behalf",
    "--口述": "--told", "--口述人": "--speaker", "--备注": "--note", "--时间": "--at",
    "--事由": "--why", "--键": "--key", "--语言": "--lang", "--配置": "--profile",
    "--颜色": "--color", "--仅名称": "--quiet", "--预演": "--dry-run", "--不问": "--yes",
    "--遇错即停": "--fail-fast",
}  # fmt: skip
"""The Chinese names of global options; what is hoisted has the English ones."""

MOUTHS = {"电话": "phone", "电台": "radio", "书面": "paper"}
COLORS = {"自动": "auto", "总是": "always", "从不": "never"}
TONGUES = {"中文": "zh", "zh_CN": "zh", "zh-CN": "zh", "英文": "en", "en_US": "en", "en-US": "en"}
LEVELS = ("debug", "info", "warning", "error")  # of --log-level


def hoisted(words: Sequence[str]) -> list[str]:
    """The words with every global option in front of the verb; nothing after -- is touched."""
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(words)
    for typed in waiting:
        name, equals, value = typed.partition("=")
        name = CHINESE.get(name, name)
        word = f"{name}{equals}{value}"
        if word == "--":
            rest.extend(("--", *waiting))
        elif word in WITH_VALUE:
            front.append(word)
            if (worth := next(waiting, None)) is None:
                return front  # typed last, without its value: the verb must not be taken for it
            front.append(worth)
        elif (
            word in FLAGS or (name in WITH_VALUE and name.startswith("--")) or word.startswith("-m")
        ):
            front.append(word)
        else:
            rest.append(word)
    return front + rest


def value_of(words: Sequence[str], option: str) -> str | None:
    """The value of a global option among the hoisted words."""
    for before, word in zip(("", *words), words, strict=False):
        if before == option:
            return word
        if word.startswith(f"{option}="):
            return word.removeprefix(f"{option}=")
    return None


def has(words: Sequence[str], *flags: str) -> bool:
    """Whether one of these flags is among the hoisted words, and not a value or a verb's word."""
    waiting = iter(words)
    for word in waiting:
        if word in WITH_VALUE:
            next(waiting, None)
        elif word in flags:
            return True
        elif word == "--" or not word.startswith("-"):
            return False
    return False


SHOWING = frozenset(
    {"--store", "--lang", "--tz", "--profile", "--log-level", "--log-format", "--color", "--key"}
)
"""Options that say how or where, not what: they are no part of what a person asked."""


def asked(words: Sequence[str]) -> tuple[str, ...]:
    """The hoisted words that make up the command itself, as they were typed."""
    kept: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word in SHOWING:
            next(waiting, None)
        elif word not in FLAGS and word.partition("=")[0] not in SHOWING:
            kept.append(word)
    return tuple(kept)
