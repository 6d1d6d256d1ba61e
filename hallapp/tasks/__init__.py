"""The tasks that run by the clock: which there are, when each is due in a hall, and when each ran last.

This room holds the timetable and its rows. The room `worker` does the tasks; pages only read from here.
"""
