"""The tests, one folder per layer; `house` checks the project itself."""
