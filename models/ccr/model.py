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
    lcr,
    log_stream,
    mail,
    mailbox_server,
    membership,
    mounting,
    networks,
    quorum,
    redelivery,
    replication,
    restoring,
    seeding,
    server,
    server_files,
    server_mail,
    single_copy,
    standby,
    standby_activation,
    standby_life,
    standby_replay,
    standby_server,
    standby_server_files,
    truncation,
    witness,
)
from .vocabulary import SCHEMA, Group, Network
from .vocabulary_lcr import Local, Server
from .vocabulary_mail import Hub, Mail
from .vocabulary_standby import Target

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
        standby,
        standby_life,
        standby_replay,
        standby_activation,
        server,
        server_files,
        lcr,
        standby_server,
        standby_server_files,
        single_copy,
        server_mail,
        mail,
        redelivery,
    ),
    tracked=(Group, Network, Target, Server, Local, Hub, Mail),
)

SMALL = Instance(
    {
        "Node": ("A", "B"),
        "Network": ("net1",),
        "Group": ("SG1",),
        "Target": ("DR",),
        "Server": ("MBX",),
        "Local": ("SG1",),
        "Hub": ("HUB1",),
        "Mail": ("m1",),
    }
)
"""The instance that proofs use: two nodes; one network, storage group, standby target, stand-alone
server with a storage group, hub and lot of mail stand for all.
"""
