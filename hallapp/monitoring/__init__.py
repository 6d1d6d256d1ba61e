"""What an operator's Prometheus reads: what the processes count, and the state of the halls at this moment."""
