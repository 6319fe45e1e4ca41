"""Setting devices up: what a device shall be, what it was seen to be, and what is made for it on the way. Pure."""
