"""The web layer of `reports.mailing`: routes, forms, and shared helpers. The rest of the room does not import Flask."""
