"""Which command line fires which rule: `ccr node fail A` is `fail_node(n=A)`. Thin commands are
made from this table, and refusals read it backwards to say what to type next. Data only; must
not import an engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.plain.layout import Value
from models.plain.reader import Step


@dataclass(frozen=True)
class Act:
    """One thin command: its line with the rule's arguments in braces, and what its help says."""

    line: str
    rule: str
    about: str
    cmdlet: str = ""
    suggested: bool = True
    """Whether a refusal may say to try it; a command that can break something is not suggested."""

    @property
    def name(self) -> str:
        """The last fixed word of the line: the command's own name in its group."""
        return [w for w in self.line.split() if not w.startswith(("{", "-"))][-1]

    @property
    def args(self) -> tuple[str, ...]:
        """The rule's arguments in the order of the line."""
        return tuple(w[1:-1] for w in self.line.split() if w.startswith("{"))


NODE = (
    Act(
        "node fail {n}", "fail_node",
        "The node loses power; what it kept in memory is gone.",
    ),
    Act(
        "node start {n}", "power_on",
        "The node gets power; its cluster service starts and looks for its peer.",
        "Start-ClusterNode",
    ),
    Act(
        "node freeze {n}", "freeze_node",
        "The node stops in its tracks, as a stalled virtual machine does, and does not know it.",
    ),
    Act("node thaw {n}", "thaw_node", "A frozen node goes on where it stopped."),
    Act(
        "node pause {n}", "pause_node",
        "The node keeps its vote but may not host the clustered mailbox server.",
        "Suspend-ClusterNode",
    ),
    Act(
        "node resume {n}", "resume_node",
        "A paused node may host the clustered mailbox server again.",
        "Resume-ClusterNode",
    ),
)  # fmt: skip
NETWORK = (
    Act("network cut {w} --one-way {n}", "cut_network", "Packets from one node are lost."),
    Act("network heal {w} --one-way {n}", "heal_network", "Packets from one node pass again."),
)
WITNESS = (
    Act("witness fail", "fail_share", "The witness host goes down; what is on its disk stays."),
    Act("witness restore", "restore_share", "The witness host comes back."),
    Act(
        "witness wipe", "wipe_share",
        "The files on the share are lost: no lock, no note board. Forming alone then needs"
        " `ccr quorum force`.",
    ),
    Act("witness cut {n}", "cut_share", "The path from one node to the share breaks."),
    Act("witness heal {n}", "heal_share", "The path from one node to the share is whole again."),
)  # fmt: skip
STANDBY = (
    Act("standby fail {t}", "fail_target", "A standby server goes down; its disks stay."),
    Act("standby start {t}", "start_target", "A standby server is up again."),
    Act("standby cut {t} {n}", "cut_target", "The path from a node to a standby server breaks."),
    Act("standby heal {t} {n}", "heal_target", "The path to a standby server is whole again."),
    Act("standby cut-server {t} {v}", "cut_line", "The path from a server to it breaks."),
    Act("standby heal-server {t} {v}", "heal_line", "The path from a server is whole again."),
    Act(
        "standby form-cluster {t}", "form_standby_cluster",
        "The server becomes a node of a standby cluster: a failover cluster without a mailbox"
        " server.", suggested=False,
    ),
)  # fmt: skip
SERVER = (
    Act("server install {v}", "install_server", "A stand-alone mailbox server is installed."),
    Act(
        "server install-scc {v}", "install_scc",
        "A mailbox server is installed on a single copy cluster: two nodes, one set of disks.",
    ),
    Act("server fail {v}", "fail_server", "The server, or the node that runs it, goes down."),
    Act("server start {v}", "start_server", "The server, or the node that ran it, is up again."),
    Act("server fail-spare {v}", "fail_spare", "The other node of a single copy cluster fails."),
    Act("server start-spare {v}", "start_spare", "The other node is up again."),
    Act(
        "server move {v}", "move_scc", "A single copy cluster's other node runs it from now on.",
        "Move-ClusteredMailboxServer",
    ),
    Act(
        "server create {v} {h}", "create_local",
        "A storage group with its database is created, and mounted.",
        "New-StorageGroup and New-MailboxDatabase",
    ),
    Act(
        "server dismount {v} {h}", "dismount_local",
        "The database is dismounted; its last log is closed.", "Dismount-Database",
    ),
    Act("server mount {v} {h}", "mount_local", "The database is mounted.", "Mount-Database"),
    Act(
        "server lose-disks {v} {h}", "lose_local_disks",
        "The disks of the live database and its logs are lost.",
    ),
)  # fmt: skip
OTHER = (
    Act(
        "quorum force {n} --reason TEXT", "force_quorum",
        "One node may run without a majority.", suggested=False,
    ),
    Act("cms start", "start_cms", "A stopped clustered mailbox server starts."),
    Act("cms stop --reason TEXT", "stop_cms", "It shuts cleanly and stays so."),
    Act("workload --storage-group {g}", "write_records", "Clients fill log files."),
    Act("copy update {g} --delete-existing-files", "begin_seed", "A full reseed."),
    Act("backup abort {g}", "abort_backup", "The running backup ends, unrecorded."),
    Act("copy suspend {g}", "suspend_copy", "The copy does nothing."),
    Act("copy resume {g}", "resume_copy", "A suspended copy goes on."),
    Act("copy restore {g}", "restore_copy", "It mounts as it is.", suggested=False),
    Act("standby disable {g} --target {t}", "disable_standby", "It ends.", suggested=False),
    Act("standby suspend {g} --target {t}", "suspend_standby", "It does nothing."),
    Act("standby resume {g} --target {t}", "resume_standby", "It goes on."),
    Act("standby seed {g} --target {t} --delete-existing-files", "begin_standby_seed", "A seed."),
    Act(
        "standby activate {g} --target {t} --reason TEXT", "restore_standby", "It is viable.",
        suggested=False,
    ),
    Act(
        "standby activate {g} --target {t} --force --reason TEXT", "force_standby",
        "It is viable, whatever is lost.", suggested=False,
    ),
    Act(
        "standby disable {h} --target {t} --server {v}", "disable_remote", "It ends.",
        suggested=False,
    ),
    Act("standby suspend {h} --target {t} --server {v}", "suspend_remote", "It does nothing."),
    Act("standby resume {h} --target {t} --server {v}", "resume_remote", "It goes on."),
    Act("lcr enable {h} --server {v}", "enable_lcr", "A local copy.", suggested=False),
    Act("lcr disable {h} --server {v}", "disable_lcr", "It ends.", suggested=False),
    Act("lcr suspend {h} --server {v}", "suspend_lcr", "It does nothing."),
    Act("lcr resume {h} --server {v}", "resume_lcr", "It goes on."),
    Act("lcr update {h} --server {v}", "update_lcr", "A seed."),
    Act(
        "lcr restore {h} --server {v} --replace-locations --reason TEXT", "restore_lcr",
        "The copy is live.", suggested=False,
    ),
    Act("server workload {v} {h}", "write_local", "Clients fill log files."),
    Act("server backup {v} {h}", "begin_local_backup", "A backup.", suggested=False),
    Act(
        "standby seed {h} --target {t} --server {v} --delete-existing-files", "begin_remote_seed",
        "A seed.",
    ),
    Act(
        "standby activate {h} --target {t} --server {v} --reason TEXT", "restore_remote",
        "It is viable.", suggested=False,
    ),
    Act(
        "standby activate {h} --target {t} --server {v} --force --reason TEXT", "force_remote",
        "It is viable, whatever is lost.", suggested=False,
    ),
    Act("move --comment TEXT", "request_move", "A move without loss."),
)  # fmt: skip
NEVER_SUGGESTED = frozenset(a.rule for a in OTHER if not a.suggested)
ACTS: Mapping[str, Act] = {
    a.rule: a for a in (*NODE, *NETWORK, *WITNESS, *STANDBY, *SERVER, *OTHER)
}


def _typed(value: Value) -> str:
    if value == "":
        return "nobody"
    return str(value).lower() if isinstance(value, bool) else str(value)


def spelled(step: Step) -> str:
    """The command line that a person would type for `step`: a thin command, or `ccr inject`."""
    act = ACTS.get(step.rule)
    if act is not None:
        return "ccr " + act.line.format(**step.args)
    given = " ".join(f"{k}={_typed(v)}" for k, v in step.args.items())
    return f"ccr inject {step.rule} {given}".rstrip()
