"""Addresses as people write them, taken apart against a base of names."""
