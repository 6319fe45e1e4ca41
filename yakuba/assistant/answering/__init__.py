"""Finds the answers to a question among the entries of a town, and says whether to trust them."""
