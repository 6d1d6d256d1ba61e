"""Badges: one for each person on a group's list, each with its own code, printed on sheets and admitted one by one."""
