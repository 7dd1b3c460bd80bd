"""The proof engines, tested on small models: each is shown to fail when a rule is broken."""
