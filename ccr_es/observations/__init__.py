"""Records of other systems, read as observations on several clocks and audited.

`vocabulary` and `mapping` are the words, `reading` makes a record of a file, `clocks`, `serving`,
`witness` and `failover` reason, `audit` puts the report together, `report` and `text` are its
forms. Must not import an engine.
"""

from __future__ import annotations

from .audit import audit_observations
from .reading import is_observations
from .report import ObservationReport
from .wsfc import INCIDENT_2020

__all__ = ["INCIDENT_2020", "ObservationReport", "audit_observations", "is_observations"]
