"""A rule, a property, a message or a file, in words."""
