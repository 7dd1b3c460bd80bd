"""Every command by name, in the sections of `ccr --help`: where it is, and what it does.

Nothing is imported before it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

from cli.frame.base import Lazy

SECTIONS: Mapping[str, Mapping[str, Lazy]] = {
    "Run a cluster": {
        "cluster": Lazy(
            "cli.cluster.cluster:cluster",
            "Create a cluster, show and describe it, list those in the store.",
        ),
        "node": Lazy("cli.cluster.node:node", "Fail, start, freeze, thaw, pause or resume a node."),
        "network": Lazy("cli.network.network:network", "Cut or heal a cluster network."),
        "witness": Lazy(
            "cli.cluster.witness:witness",
            "Show, fail, restore, wipe or cut off the file share witness.",
        ),
        "site": Lazy(
            "cli.places.site:site",
            "Say what stands where; lose or restore a site; cut or heal the line between two.",
        ),
        "quorum": Lazy("cli.cluster.quorum:quorum", "Force a lone node to run without a majority."),
        "cms": Lazy(
            "cli.cluster.cms:cms", "Start or stop the clustered mailbox server, or show its status."
        ),
        "move": Lazy(
            "cli.cluster.move:move",
            "Move the clustered mailbox server to the passive node, without loss.",
        ),
        "workload": Lazy("cli.cluster.workload:workload", "Close log files on the serving node."),
        "wait": Lazy("cli.cluster.wait:wait", "Let simulated time pass."),
    },
    "Look after copies and mail": {
        "copy": Lazy(
            "cli.copies.copies:copy", "Status of the copies; suspend, resume, seed or restore one."
        ),
        "health": Lazy(
            "cli.health.health:health",
            "Test replication and the cluster; what the next fault would do.",
        ),
        "metrics": Lazy(
            "cli.copies.metrics:metrics", "Performance counters of replication, for Prometheus."
        ),
        "backup": Lazy(
            "cli.copies.backup:backup",
            "Back up a storage group; which logs are kept, and what is restored.",
        ),
        "plan": Lazy(
            "cli.places.plan:plan",
            "Which faults each placement of the witness survives; recommendations.",
        ),
        "standby": Lazy(
            "cli.standby.standby:standby",
            "Standby copies (SCR) elsewhere: enable, watch, activate by hand.",
        ),
        "lcr": Lazy("cli.standby.lcr:lcr", "Local copies (LCR) on a stand-alone server."),
        "server": Lazy("cli.standby.server:server", "Mailbox servers outside the cluster."),
        "hub": Lazy("cli.mail.hub:hub", "Add, list, fail or start a Hub Transport server."),
        "mail": Lazy("cli.mail.mail:mail", "Send mail through a hub; write what no hub holds."),
        "dumpster": Lazy(
            "cli.mail.dumpster:dumpster",
            "The transport dumpster: its limits, what each hub holds, requests.",
        ),
        "loss": Lazy("cli.mail.loss:loss", "What each lossy mount took, and what came back."),
    },
    "Ask the record": {
        "history": Lazy(
            "cli.history.asking:history",
            "Every failover, move and interruption: why, how long, what was lost.",
        ),
        "why": Lazy(
            "cli.history.asking:why",
            "From an event back to what began it, with the facts behind it.",
        ),
        "who": Lazy(
            "cli.history.asking:who", "Which node served, from when to when; overlaps and gaps."
        ),
        "what-if": Lazy(
            "cli.history.asking:what_if",
            "The record again with something changed, beside what happened.",
        ),
        "audit": Lazy(
            "cli.audit.audit:audit", "Judge recorded events by the rules and the properties."
        ),
        "log": Lazy("cli.log.log:log", "List, show, check, export or import the events."),
        "store": Lazy(
            "cli.log.store:store", "Copy a log from one store to another; keep its states anew."
        ),
        "replay": Lazy(
            "cli.log.replay:replay", "The state rebuilt from the events, up to any point."
        ),
        "diff": Lazy("cli.log.replay:diff", "What changed in the state between two points."),
    },
    "Ask the rules": {
        "can": Lazy("cli.cluster.can:can", "Which rules may fire now, and why another may not."),
        "inject": Lazy("cli.cluster.inject:inject", "Fire any rule, or a run of them from a file."),
        "verify": Lazy(
            "cli.verify.verify:verify",
            "Prove the properties for runs of any length, or show a run that breaks one.",
        ),
        "foresee": Lazy(
            "cli.simulate.foresee:foresee",
            "From the recorded state: what could happen within N events.",
        ),
        "simulate": Lazy(
            "cli.simulate.simulate:simulate", "Random runs, every property judged after every step."
        ),
        "explain": Lazy(
            "cli.explain.explain:explain", "Explain a rule, a property, a message code or a file."
        ),
        "demo": Lazy(
            "cli.demo.demo:demo", "A failover and a real incident, told by running the commands."
        ),
    },
}
