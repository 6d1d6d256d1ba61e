"""The web layer of `signon`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
