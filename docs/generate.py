"""Write the reference, and true output wherever a page shows a terminal: `python3 dev.py docs`.

With `--check` nothing is written, and the exit code is 1 if something would be.
"""

import sys
import tempfile
from pathlib import Path

from docs.making import codes, console, events, man, picture, rules, schemas, verbs
from docs.making.terminal import HOUSE

REFERENCE = HOUSE / "docs" / "reference"
TOLD = (
    HOUSE / "README.md",
    HOUSE / "README.zh-CN.md",
    HOUSE / "docs" / "tutorial.md",
    *sorted((HOUSE / "docs" / "howto").glob("*.md")),
)
"""The pages with terminals in them."""


def reference() -> dict[Path, str]:
    """Every generated page of the reference with its text."""
    pages = {
        "verbs.md": verbs.page(),
        "events.md": events.page(),
        "exit-codes.md": codes.page(),
        "playbook.md": rules.page(),
        "json.md": schemas.page(),
        **{f"json/{name}": text for name, text in schemas.texts().items()},
        **{f"man/{name}": text for name, text in man.texts().items()},
        **{f"picture/{name}": text for name, text in picture.texts().items()},
    }
    return {REFERENCE / name: text for name, text in pages.items()}


def terminals() -> dict[Path, str]:
    """Every page that shows a terminal, with true output."""
    made = {}
    for path in TOLD:
        with tempfile.TemporaryDirectory() as room:
            made[path] = console.retold(path.read_text(encoding="utf-8"), Path(room))
    return made


def main(words: list[str]) -> int:
    """Write what changed, or say so."""
    changed = []
    for path, text in {**reference(), **terminals()}.items():
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        changed.append(path)
        if "--check" not in words:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for path in changed:
        print(path.relative_to(HOUSE))
    return 1 if changed and "--check" in words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
