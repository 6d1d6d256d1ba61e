"""Devices in the hall for everyone to use, and the links that open one page on each."""
