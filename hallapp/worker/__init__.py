"""The worker: one process that does all that runs by the clock or in the background.

`consumer.py` starts and stops it, `lanes.py` says what it does side by side, `bodies.py` what each task does in a hall.
"""
