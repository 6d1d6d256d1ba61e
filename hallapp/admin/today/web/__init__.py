"""The web layer of `admin.today`: its routes; it alone knows Flask."""
