"""The only door: an act is obeyed whole in one transaction, or refused and put on record so."""

from collections.abc import Callable, Sequence

import msgspec

from whistle import codec
from whistle.domain.message import HearClock
from whistle.domain.moment import Instant
from whistle.domain.refusal import Conflict, Refused, WhistleError, _
from whistle.domain.surroundings import Actor
from whistle.engine import reply as replies
from whistle.engine.asked import Asked, Given, command_id, digest
from whistle.engine.loaded import Known
from whistle.engine.reply import Reply
from whistle.engine.session import Session
from whistle.engine.watched import Course, Watcher
from whistle.log.persistence import persist
from whistle.log.port import Log, Reader, Txn

STREAMS_PER_TICK = 200  # quiet streams heard in one transaction; the next tick hears the rest


class _Rehearsed(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


class Engine:
    """Obeys orders against one log."""

    def __init__(
        self, log: Log, clock: Callable[[], Instant], watcher: Watcher | None = None
    ) -> None:
        self.log = log
        self.clock = clock
        self.watcher = watcher  # is told of every order
        self._known = Known()

    def obey(self, asked: Asked) -> Reply:
        """Do what was asked, once: a repeat of the same command gets the first reply.

        Raises Refused (put on record as an attempt), NotFound, Conflict, Broken or Unreachable.
        """
        course = Course()
        try:
            reply = self._obeyed(asked, course)
        except WhistleError as error:
            self._tell(course, asked, error)
            raise
        self._tell(course, asked, reply)
        return reply

    def _tell(self, course: Course, asked: Asked, came: Reply | WhistleError) -> None:
        if self.watcher is not None:
            self.watcher.order(course.told(asked, came))

    def _obeyed(self, asked: Asked, course: Course) -> Reply:
        try:
            return persist(lambda again: self._persisted(asked, course, again=again))
        except _Rehearsed as rehearsed:
            return rehearsed.reply
        except Refused as refusal:
            if not asked.dry_run:
                rule, because = refusal.rule, str(refusal)
                self.log.attempt(asked.stamp, asked.verb, asked.name, rule, because)
            raise

    def _persisted(self, asked: Asked, course: Course, *, again: bool) -> Reply:
        """In one transaction. What an earlier try recorded, though word of it was lost, is new."""
        with self.log.writing([asked.command_id]) as txn:
            course.turn()
            try:
                reply = self._obey(txn, asked, course)
            finally:
                course.decided()
        return msgspec.structs.replace(reply, replayed=False) if again else reply

    def obey_together(self, several: Sequence[Asked]) -> list[Reply | WhistleError]:
        """Do several acts in one transaction: what became of each, when all of it is durable.

        An act that is refused is undone alone, and put on record as ever. Whatever else goes wrong
        undoes all of them, and is raised.
        """
        courses = [Course() for _asked in several]
        with self.log.writing([asked.command_id for asked in several]) as txn:
            came = [
                self._among_others(txn, asked, course)
                for asked, course in zip(several, courses, strict=True)
            ]
        for course, asked, each in zip(courses, several, came, strict=True):
            self._tell(course, asked, each)
        return came

    def _among_others(self, txn: Txn, asked: Asked, course: Course) -> Reply | WhistleError:
        course.turn()
        try:
            with txn.part() as part:
                return self._obey(part, asked, course)
        except _Rehearsed as rehearsed:
            return rehearsed.reply
        except WhistleError as error:
            if isinstance(error, Refused) and not asked.dry_run:
                txn.keep_attempt(asked.stamp, asked.verb, asked.name, error.rule, str(error))
            return error
        finally:
            course.decided()

    def _obey(self, txn: Txn, asked: Asked, course: Course) -> Reply:
        _check_signs(asked)
        if (kept := _kept(txn, asked.command_id, asked.command_digest)) is not None:
            return kept
        session = Session(txn, asked, self._known)
        for given in asked.orders:
            session.obey(given)
            course.incident = session.incident
        made = session.reply()
        if asked.dry_run:
            raise _Rehearsed(made)
        txn.keep_reply(asked.stamp, made.encode())
        session.done()
        return made

    def repeated(self, command_id: bytes, command_digest: bytes) -> Reply | None:
        """The reply that a command id is bound to; Conflict if it was another command's."""
        with self.log.reading() as reader:
            return _kept(reader, command_id, command_digest)

    def tick(self) -> list[int]:
        """Let the clock speak where it owes something, once in each stream.

        The seqs of what it recorded. A stream that stays due though nothing is owed is left alone.
        """
        recorded, heard = list[int](), set[str]()
        while True:
            now = self.clock()
            with self.log.reading() as reader:
                waiting = reader.due_before(now, STREAMS_PER_TICK + len(heard))
            due = [stream for stream in waiting if stream not in heard]
            if not due:
                return recorded
            heard.update(due)
            orders = tuple(Given(stream, HearClock()) for stream in due)
            asked = Asked(
                verb="tick",
                orders=orders,
                actor=Actor(),
                received_at=now,
                command_id=command_id(self.log.identity.store_id, "", None),
                command_digest=digest(["tick"]),
            )
            recorded.extend(event.seq for event in self.obey(asked).events)


def _check_signs(asked: Asked) -> None:
    """Refuse a NUL in what is kept beside the events; in an event the codec refuses it."""
    if any("\0" in text for text in (asked.name, asked.happened_why or "", asked.actor.person)):
        raise Refused(codec.NUL_REFUSED, rule="text.nul")


def _kept(reader: Reader, command_id: bytes, command_digest: bytes) -> Reply | None:
    bound = reader.reply_of(command_id)
    if bound is None:
        return None
    if bound[0] != command_digest:
        raise Conflict(
            _("This key was used for another command."),
            rule="command.other_body",
            hint=_("use a new --key"),
        )
    return replies.decode(bound[1], reader.topics)
