"""The command line: how people ask. Above `models`, `specs` and `ccr_es`; nothing imports it."""

__version__ = "0.1.0"
