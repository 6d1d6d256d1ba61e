"""The web layer of `alerts`: its routes and forms; it alone knows Flask."""
