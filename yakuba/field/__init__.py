"""Outsourced device work: dispatch of technicians, spares, kitting, maintenance."""
