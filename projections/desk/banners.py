"""What is told beside every answer of a store, because whoever reads the answer must know it."""

from projections.desk.answer import Diagnostic
from projections.desk.words import say
from whistle.domain.refusal import _
from whistle.domain.rulebook import TownFounded
from whistle.log.rows import Identity
from whistle.log.schema import SCHEMA_VERSION


def banners(town: TownFounded, identity: Identity, *, doubted: bool) -> list[Diagnostic]:
    """That a town is made up, that the server's clock is doubted, that the tables are older."""
    told = []
    if town.demo:
        banner = say(_("DEMO STORE: a made-up town; nothing here is real."))
        told.append(Diagnostic(message=banner, rule="store.demo"))
    if doubted:
        jumped = say(_("The server's clock jumped; what it stamped counts in no figure yet."))
        told.append(
            Diagnostic(message=jumped, rule="clock.doubted", hint="whistle clock anomalies")
        )
    if identity.schema_version < SCHEMA_VERSION:
        older = say(_("An earlier Whistle made this store: orders wait for its upgrade."))
        told.append(Diagnostic(message=older, rule="store.older", hint="whistle store upgrade"))
    return told
