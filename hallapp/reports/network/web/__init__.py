"""The web layer of `reports.network`: routes and forms. The rest of the room does not import Flask."""
