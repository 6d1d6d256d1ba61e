"""The web layer of `badges`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
