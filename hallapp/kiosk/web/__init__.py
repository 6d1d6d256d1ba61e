"""The web layer of `kiosk`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
