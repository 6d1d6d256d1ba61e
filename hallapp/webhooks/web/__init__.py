"""The web layer of `webhooks`: its routes and forms; it alone knows Flask."""
