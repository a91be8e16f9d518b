"""How fast the server is beside others: `make bench`, `make bench-report`, `make guard`."""
