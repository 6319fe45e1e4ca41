"""Who goes where, and when: a day's plan for technicians, made by engines, let through by an independent checker."""
