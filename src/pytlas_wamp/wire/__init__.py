"""Messages of the protocol, and nothing about how they travel (spec 4)."""
