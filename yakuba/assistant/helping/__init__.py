"""Help for those who decide: similar cases, drafts from declared parts, the summary of a long case. Machine-made, and used
only where a person says so."""
