"""The CCR model: its vocabularies, its phrases, its rules.

A schema is what the vocabularies declare, in the order in which they do; a model's fingerprint
depends on that. Whatever module is imported first, this order is the same.
"""

from importlib import import_module

VOCABULARIES = (
    "vocabulary",
    "vocabulary_networks",
    "vocabulary_lcr",
    "vocabulary_standby",
    "vocabulary_mail",
)
"""The modules that declare records, in order; `vocabulary` brings those that it stands on."""

for _name in VOCABULARIES:
    import_module(f"{__name__}.{_name}")
