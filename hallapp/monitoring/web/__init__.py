"""The address that Prometheus reads, and who may."""
