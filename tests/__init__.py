"""The tests, and what they share."""

import gc
import sys

if "pytest" in sys.modules:
    gc.disable()  # until the tests are collected (`conftest.py`): nothing that is imported becomes garbage
