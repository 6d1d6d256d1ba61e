"""The web layer of `feedback`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
