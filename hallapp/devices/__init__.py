"""Devices that stand in the hall for everybody to use, and the links that open one page on each and nothing else."""
