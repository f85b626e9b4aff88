"""A stand-in for the network before a PostgreSQL server: it passes everything on, and can fail.

It listens on a socket in a folder of its own, so that an address names the folder instead of the
server's. The next COMMIT that it is told to lose reaches the server, whose answer nobody gets.
"""

import selectors
import socket
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Literal

from tests.postgres import Server

NAME = ".s.PGSQL.5432"
Loss = Literal["answer", "question"]


class Proxy:
    """Between one client and the server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._place = tempfile.TemporaryDirectory(prefix="whistle-px-", dir="/tmp")
        self.folder = Path(self._place.name)
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(self.folder / NAME))
        self._door.listen()
        self._loses: tuple[bytes, Loss, int] | None = None
        self.lost = 0
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def url(self, address: str) -> str:
        """The address of a database, by way of this proxy."""
        return address.replace(str(self._server.folder), str(self.folder))

    def lose(self, words: bytes = b"COMMIT\0", what: Loss = "answer", times: int = 1) -> None:
        """Cut the connection around the next statements that hold these words."""
        self._loses = (words, what, times)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._door.accept()
                each = threading.Thread(target=self._pass_on, args=(client,), daemon=True)
                self._threads.append(each)
                each.start()

    def _pass_on(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        with client, server, selectors.DefaultSelector() as ready, suppress(OSError):
            server.connect(str(self._server.folder / NAME))
            ready.register(client, selectors.EVENT_READ)
            ready.register(server, selectors.EVENT_READ)
            cut = False
            while True:
                for key, _events in ready.select():
                    said = key.fileobj.recv(65536)  # type: ignore[union-attr]  # a socket of ours
                    if not said or (cut and key.fileobj is server):
                        return
                    if key.fileobj is server:
                        client.sendall(said)
                        continue
                    what = self._loss(said)
                    if what == "question":
                        return
                    cut = cut or what == "answer"  # what follows in the same breath undoes it not
                    server.sendall(said)

    def _loss(self, said: bytes) -> Loss | None:
        if self._loses is None or self._loses[0] not in said:
            return None
        words, what, times = self._loses
        self._loses = (words, what, times - 1) if times > 1 else None
        self.lost += 1
        return what

    def close(self) -> None:
        """Go away; whoever is still connected is cut off."""
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._place.cleanup()
