"""Standby copies (SCR), local copies (LCR), and the servers that hold them."""
