"""The web layer of `history`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
