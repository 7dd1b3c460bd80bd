"""The cluster networks, replication host names, load and backlog."""
