"""The flow of a whistle as django-viewflow draws it; imported once Django is set up."""

from typing import Any

from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.flow import End, Handle, Join, Split, StartHandle


def keep(activation: Any, body: dict[str, Any]) -> None:
    """What was said of a task stays with the task."""
    activation.task.data = body


def begin(activation: Any, body: dict[str, Any]) -> Any:
    """What was said of a whistle stays with its process."""
    activation.process.data = body
    return activation.process


class WhistleFlow(flow.Flow):
    """Three lanes side by side, each sign, arrive, finish; then the evaluation."""

    blow = StartHandle(begin).Next(this.called)
    called = Split().Always(this.ack_0).Always(this.ack_1).Always(this.ack_2)
    ack_0 = Handle(keep).Next(this.arrive_0)
    arrive_0 = Handle(keep).Next(this.finish_0)
    finish_0 = Handle(keep).Next(this.done)
    ack_1 = Handle(keep).Next(this.arrive_1)
    arrive_1 = Handle(keep).Next(this.finish_1)
    finish_1 = Handle(keep).Next(this.done)
    ack_2 = Handle(keep).Next(this.arrive_2)
    arrive_2 = Handle(keep).Next(this.finish_2)
    finish_2 = Handle(keep).Next(this.done)
    done = Join().Next(this.evaluate)
    evaluate = Handle(keep).Next(this.end)
    end = End()
