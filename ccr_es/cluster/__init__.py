"""The cluster service: create, decide, save, let time pass."""
