"""Puts the server together.

Nothing is imported here: the command line needs the accounts alone, and quickly.
"""
