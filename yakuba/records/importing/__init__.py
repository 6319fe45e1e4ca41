"""Old data brought in: a mapping file says what becomes of each column; every row is accepted, repaired or held. Pure."""
