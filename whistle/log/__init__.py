"""The log: what is recorded, in order, without a gap, for ever, with its proof.

Only this package imports the event-sourcing library.
"""
