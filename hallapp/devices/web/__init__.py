"""The web layer of `devices`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
