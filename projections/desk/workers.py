"""Who shares the work of proving and assessing a long record, and of making views anew."""

import click

from projections.desk.desk import folded
from projections.desk.words import say
from whistle.domain.refusal import _
from whistle.workers import Workers, chosen

MANY = 512  # more processes than any machine of an office has processors

workers_option = click.option(
    "--workers",
    "--并行",
    metavar="N|ADDRESS",
    help="So many processes, or the Dask cluster at tcp://HOST:PORT; else as it is worth.",
)


def workers_of(asked: str | None, size: int) -> Workers:
    """The workers that were asked for; else as many as so many events are worth.

    Raises Unreachable when there is no such cluster.
    """
    if asked is None:
        return chosen(None, size)
    text = folded(asked)
    if "://" in text:
        return chosen(text, size)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MANY):
        raise click.UsageError(
            say(
                _("{text} are no workers: write how many processes, or tcp://HOST:PORT."),
                text=text,
            )
        )
    return chosen(int(text), size)
