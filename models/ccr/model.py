"""The CCR model as a value: the schema with the rules of every phase. Properties are added by
`specs.catalogue`.
"""

from __future__ import annotations

from models.language.model import Instance, Model, model_of
from models.language.rule import rules_in

from .rules import (
    backup,
    board,
    copy_life,
    environment,
    handover,
    log_stream,
    mailbox_server,
    membership,
    mounting,
    networks,
    quorum,
    replication,
    restoring,
    seeding,
    truncation,
    witness,
)
from .vocabulary import SCHEMA, Group, Network

CCR: Model = model_of(
    "ccr",
    SCHEMA,
    rules_in(
        environment,
        membership,
        witness,
        board,
        quorum,
        mailbox_server,
        handover,
        log_stream,
        replication,
        copy_life,
        seeding,
        mounting,
        restoring,
        networks,
        backup,
        truncation,
    ),
    tracked=(Group, Network),
)

SMALL = Instance({"Node": ("A", "B"), "Network": ("net1",), "Group": ("SG1",)})
"""The instance that proofs use: two nodes; one network and one storage group stand for all."""
