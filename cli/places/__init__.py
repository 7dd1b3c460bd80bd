"""Sites, lines between them, where the witness stands, and advice."""
