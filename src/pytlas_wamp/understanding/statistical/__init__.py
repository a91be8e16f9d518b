"""The `statistical` interpreter: learns from the skills' sentences, and understands rewordings."""

from __future__ import annotations

from pytlas_wamp.understanding.statistical.interpreter import StatisticalInterpreter, create

__all__ = ["StatisticalInterpreter", "create"]
