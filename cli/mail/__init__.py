"""Hubs, mail, the transport dumpster, and the ledger of what was lost."""
