"""The web layer of `reports.sharing`: routes and forms. The rest of the room does not import Flask."""
