"""Who looked at what, and whether somebody rewrote it: alarms, disclosure to the person, certificates."""
