"""One order, one transaction: look up, load, decide, append, policies, proof, reply."""

from whistle.engine.asked import Asked, Given, new_stream
from whistle.engine.engine import Engine
from whistle.engine.reply import Reply

__all__ = ["Asked", "Engine", "Given", "Reply", "new_stream"]
