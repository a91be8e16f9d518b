"""Measures servers of several processes: `python -m bench.cluster`."""
