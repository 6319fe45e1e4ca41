"""Disparity between localities: the published table of all municipalities, and what can be told from it. Pure."""
