"""Checks of the event-sourced side, on the teaching model unless a test says otherwise."""
