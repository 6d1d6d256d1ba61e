"""The web layer of `notifications`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
