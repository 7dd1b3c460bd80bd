"""The recorded events: listed, checked, exported, imported, sealed, copied, replayed."""
