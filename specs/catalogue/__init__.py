"""What must hold of the CCR model: promises, what their proofs lean on, and what must be possible.
No z3 here.

`CCR` is the model of `models.ccr` with these properties and the timer inequalities under which they
are proved.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.model import SMALL
from models.ccr.vocabulary import SCHEMA
from models.language.model import Model, properties_in

from . import (
    alone,
    beginnings,
    closings,
    conduct,
    control,
    copies,
    data,
    dates,
    decisions,
    durations,
    fetching,
    files,
    filling,
    handing,
    hosted,
    instants,
    lcr,
    leaning_control,
    leaning_copies,
    leaning_data,
    leaning_epochs,
    leaning_files,
    leaning_letters,
    leaning_mail,
    leaning_mounts,
    leaning_standby,
    limits,
    limits_copies,
    lots,
    mail,
    networks,
    pairing,
    places,
    possible,
    possible_files,
    possible_mail,
    possible_standby,
    progress,
    ranking,
    reach,
    reasons,
    redelivering,
    returning,
    server_mail,
    servers,
    settling,
    standby,
    targets,
    timing,
    unfinished,
    wiring,
)

_p = SCHEMA.state.p

INEQUALITIES = {
    "a head start outlasts every peer lease": _p.head_start >= _p.peer_limit + _p.arbitration_max,
    "a seized lock is older than every witness lease": _p.share_expiry >= _p.lock_lease,
    "a forced epoch outnumbers": _p.force_step >= 1,
    "some record is tracked": _p.tracked_record >= 1,
    "an inspection is attempted": _p.inspection_attempts >= 1,
    "an active database file is never ahead of its logs": _p.llr_depth >= 0,
    "a standby copy is never ahead of what it inspected": _p.scr_floor >= 0,
    "the slack covers what a clock may be off": _p.dumpster_slack >= _p.hub_skew_max,
}

CCR: Model = RULES.promising(
    properties_in(
        conduct,
        dates,
        durations,
        beginnings,
        reach,
        decisions,
        handing,
        alone,
        targets,
        closings,
        reasons,
        wiring,
        control,
        data,
        copies,
        files,
        possible,
        possible_files,
        leaning_control,
        leaning_epochs,
        leaning_data,
        leaning_mounts,
        networks,
        leaning_copies,
        leaning_files,
        timing,
        standby,
        possible_standby,
        limits,
        limits_copies,
        leaning_standby,
        places,
        lcr,
        servers,
        server_mail,
        mail,
        lots,
        redelivering,
        returning,
        leaning_letters,
        leaning_mail,
        possible_mail,
        progress,
        ranking,
        instants,
        unfinished,
        pairing,
        hosted,
        fetching,
        filling,
        settling,
    ),
    INEQUALITIES,
)

__all__ = ["CCR", "INEQUALITIES", "SMALL"]
