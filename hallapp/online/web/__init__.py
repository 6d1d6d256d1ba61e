"""Pages of online programmes."""
