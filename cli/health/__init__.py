"""The tests of Test-ReplicationHealth, and what the next fault would do."""
