"""A town in a disaster: disaster mode by two people, break-glass access, shelters, and work that goes on when the line is down."""
