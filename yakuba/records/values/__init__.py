"""Single values as old systems write them, brought into the form of the standard: dates, numbers, characters, codes."""
