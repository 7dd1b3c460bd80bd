"""Checks of the project itself: layers, tidiness, packaging, traceability, generated references."""
