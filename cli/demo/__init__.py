"""The story that `make demo` tells by running the commands."""
