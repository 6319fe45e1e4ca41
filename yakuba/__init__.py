"""Yakuba (役場): the open-source town hall."""
