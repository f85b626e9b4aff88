"""A child process that follows a log, or makes its views anew, until it is ended or killed.

    python -m tests.following STORE VIEWS run|rebuild

Its batches are small, so that a kill finds it in the middle of something.
"""

import sys
from pathlib import Path

from projections import VIEWS, following, open_views
from projections.running import Runner
from tests.counting import NAMED
from whistle.log.stores import open_log


def main(store: str, where: str, what: str) -> None:
    """Do it for ever; a line says that it has begun."""
    following.FIRST_BATCH = following.BATCH_MAX = 7
    for name in {*VIEWS} - {"command"}:
        del VIEWS[name]  # two views do, and are soon made anew
    VIEWS.update(NAMED)
    log = open_log(store, lambda: 0)
    with open_views(log, where if where.startswith("postgresql:") else Path(where)) as views:
        print("begun", flush=True)
        while True:
            if what == "run":
                for _round in Runner(log, views).rounds(0.05):
                    pass
            else:
                views.rebuild()


if __name__ == "__main__":
    main(*sys.argv[1:])
