"""What loads and their rows are, and why what is current changes."""

REHEARSAL, CURRENT, ROLLED_BACK, DISCARDED = "rehearsal", "current", "rolled_back", "discarded"
"""What a load is: brought in beside what is current, cut over, taken back, or of no use any more: its rows are removed."""
ACCEPTED, REPAIRED, HELD, SET_ASIDE = "accepted", "repaired", "held", "set_aside"
"""What became of a row that came in; a clerk makes a held one repaired, or sets it aside."""
CUT_OVER, MENDED, TAKEN_BACK = "cut_over", "mended", "taken_back"
"""Why what is current changed: a load, one row of a load that is current already, or the way back."""
