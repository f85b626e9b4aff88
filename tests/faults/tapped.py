"""One line given while the tap records; a program, for strace to look at from outside.

Usage: python -m tests.faults.tapped FOLDER RECORD WORD... The calls are written to the file RECORD.
"""

import json
import sys
from pathlib import Path

from tests.faults.tap import WRITING, Call, Tap
from tests.shell import Shell


def main(folder: Path, record: Path, words: list[str]) -> None:
    """Give the line, and keep what was heard."""
    shell = Shell(folder)
    heard: list[tuple[str, str, int, int]] = []

    def heed(call: Call) -> None:
        if call.name in WRITING:
            heard.append((call.name, Path(call.path).name, call.offset, len(call.content)))

    Tap(folder, heed)
    said = shell(*words)
    assert said.code == 0, said
    record.write_text(json.dumps(heard), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
