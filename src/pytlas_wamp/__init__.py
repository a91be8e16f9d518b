"""An open server for pytlas assistants.

The contract is in `spec/`; docs/explanation/architecture.md shows the layers.
"""

__version__ = "0.1.0"
