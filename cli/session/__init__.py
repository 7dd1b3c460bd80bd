"""One call's open cluster: the state that is asked for, its words, and how a rule is fired."""
