"""Hosts pytlas: agents, conversations, skills."""
