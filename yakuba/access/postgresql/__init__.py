"""Django's PostgreSQL backend, told what is unique in a table of towns (`base`)."""
