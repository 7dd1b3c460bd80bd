"""Promises of the data plane: what is shipped, replayed, lost and kept. (Being completed.)"""
