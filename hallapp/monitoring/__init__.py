"""Metrics for an operator's Prometheus: the counts of the processes, and the present state of the halls."""
