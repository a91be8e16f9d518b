"""What is kept of a conversation, and what a place that keeps it has to do; no I/O (spec 4)."""
