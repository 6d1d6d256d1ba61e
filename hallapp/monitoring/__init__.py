"""The metrics that an operator's Prometheus reads: the counters of the processes, and the present state of the halls."""
