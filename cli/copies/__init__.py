"""The storage group copies: status, seeding, backups, counters."""
