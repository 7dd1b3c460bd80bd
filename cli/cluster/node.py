"""`ccr node`: power, freezes and pauses of a node."""

from __future__ import annotations

from cli.session.acts import NODE
from cli.session.thin import add, group_named

node = group_named("node", "Fail, start, freeze, thaw, pause or resume a node.")
add(node, NODE)
