"""The web layer of `messages`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
