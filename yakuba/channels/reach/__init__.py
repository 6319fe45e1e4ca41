"""Hard-to-serve areas: thin lines, drafts without a line, requests by text message and by fax."""
