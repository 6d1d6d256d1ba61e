"""The web layer of `reports`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
