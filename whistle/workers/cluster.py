"""A Dask cluster: processes of many machines, for very long records and for many stores.

Every machine has this program, and sees the stores under the same addresses. What travels is
pickled, and a cluster does whatever it is sent: it belongs into a network of its own, or behind TLS
(https://distributed.dask.org/en/stable/tls.html).
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError

from whistle.domain.refusal import Unreachable, _
from whistle.workers import Part, Result

ANSWERS_S = 10


class Cluster:
    """The workers of a Dask scheduler."""

    def __init__(self, address: str) -> None:
        """Connect to a scheduler, tcp://HOST:PORT; Unreachable when it cannot be."""
        try:
            from distributed import Client
        except ImportError as error:
            raise Unreachable(
                _("A cluster is reached through Dask, which is not installed here."),
                rule="workers.cluster",
                hint=_("pip install 'whistle[cluster]'; or --workers N for processes of its own"),
            ) from error
        try:
            self._client = Client(address, timeout=ANSWERS_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise Unreachable(
                _("No cluster answers at {address}."),
                rule="workers.cluster",
                hint=_("start one: dask scheduler; dask worker {address}"),
                address=address,
            ) from error
        self.count = max(sum(self._client.nthreads().values()), 1)

    def map(self, function: Callable[[Part], Result], parts: Sequence[Part]) -> Iterator[Result]:
        """What a function makes of each part; what killed its worker again and again is done here.

        A part's result does not outlive its use: it is never taken for another call's.
        """
        from distributed import KilledWorker

        futures = self._client.map(function, parts, pure=False)
        try:
            for part, future in zip(parts, futures, strict=True):
                try:
                    result: Result = future.result()
                except (KilledWorker, CancelledError):
                    result = function(part)
                yield result
        finally:
            self._client.cancel(futures)

    def close(self) -> None:
        """Let go of the scheduler."""
        self._client.close()
