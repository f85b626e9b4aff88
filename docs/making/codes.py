"""docs/reference/exit-codes.md."""

from projections.desk.answer import EXIT, Status

_WORDS: dict[Status, tuple[str, str]] = {
    "done": ("done; also a repeat with the same `--key`", "nothing"),
    "found": (("it ran, and found what it looks for: a conflict in an import, a fault in a playbook, "
              "a parked view"), "read the list it prints"),
    "usage": ("the command line cannot be understood, or could mean several things",
              "read the sentence; `whistle VERB --help`"),
    "not_found": ("there is no such incident, whistle, unit, item, file or town",
                  "the sentence names the list to look in"),
    "not_allowed": ("this unit may not do it", "`--as UNIT`, or `--behalf UNIT` if told by phone"),
    "refused": ("the rules do not allow it now; the attempt is on record",
                "the sentence says what would be allowed"),
    "conflict": ("changed meanwhile (`--expect`), or the same `--key` with another command",
                 "`whistle show NAME`, then again"),
    "integrity": ("the record does not prove itself",
                  "stop writing; keep the file; [restore a backup](../howto/backup-and-restore.md)"),
    "pending": ("ended before what was waited for", "ask again"),
    "queued": ("queued, not recorded", "it is not on record until the store has it"),
    "error": ("the store cannot be reached", "the sentence says which file, and why"),
}  # fmt: skip

HEAD = """# Exit codes

The same for every verb, in every language. `--json` carries the status as a word beside it.
`whistle help exit-codes` prints this list.

| code | status | what it means | what to do |
|---|---|---|---|
"""

TAIL = """| 130 | | interrupted with Ctrl-C | an order under way is recorded whole or not at all |

A verb that reads lines (`whistle ack -`) ends with the highest code of its lines; `--jsonl` tells each.

A repeat after a lost answer is safe with `--key`: what was recorded is answered again, with code 0 and
`"replayed": true`.
"""


def page() -> str:
    """The page."""
    rows = [
        f"| {code} | `{status}` | {_WORDS[status][0]} | {_WORDS[status][1]} |\n"
        for status, code in EXIT.items()
    ]
    return HEAD + "".join(rows) + TAIL
