"""What every command is made of: the lazy group, options, how answers and errors look."""
