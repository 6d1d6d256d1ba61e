"""The worker: one process that runs all scheduled and background work.

`consumer.py` starts and stops it, `lanes.py` has the work that runs side by side, `bodies.py` the work of each task in
a hall.
"""
