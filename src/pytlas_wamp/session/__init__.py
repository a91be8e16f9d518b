"""The state machine of one connection: no I/O, no clock, no thread (spec 3)."""
