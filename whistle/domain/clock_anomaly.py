"""What the log itself has to say: the server's clock did something a clock should not."""

from typing import ClassVar

from whistle.domain.message import Event
from whistle.domain.moment import Instant


class ClockAnomaly(Event, frozen=True):
    """The server's clock stepped back, or leapt, against what was already recorded."""

    topic: ClassVar[str] = "clock.anomaly/1"
    STREAM: ClassVar[str] = "clock"
    last_recorded_at: Instant
