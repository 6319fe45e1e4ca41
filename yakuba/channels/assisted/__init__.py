"""Helpers: a family member or a supporter beside a resident or for them, with consent; lessons and home visits."""
