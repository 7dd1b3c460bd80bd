"""Create and show a cluster; its nodes, witness, quorum and mailbox server; moves; time."""
