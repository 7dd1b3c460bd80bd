"""Records of other systems, read as observations on several clocks and audited.

`kinds` and `vocabulary` are the words, `mappings` says how a system's record is read, `reading`
makes a record of a file, `reasoning` concludes, `audit` puts the report together, `report` and
`text` are its forms. Must not import an engine.
"""

from __future__ import annotations

from pathlib import Path

from .audit import audit_observations
from .mappings.shipped import language as mapping_language
from .mappings.shipped import named as mapping_named
from .mappings.shipped import shipped as shipped_mappings
from .reading.choose import is_observations
from .report import ObservationReport

INCIDENT_2020 = Path(__file__).with_name("wsfc_2020.jsonl")
"""A real incident of 2020, shipped with the package."""

__all__ = [
    "INCIDENT_2020",
    "ObservationReport",
    "audit_observations",
    "is_observations",
    "mapping_language",
    "mapping_named",
    "shipped_mappings",
]
