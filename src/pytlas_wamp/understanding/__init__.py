"""Interpreters: from a sentence to an intent with its slots."""
