"""The web layer of `reports.goals`: routes and forms. The rest of the room does not import Flask."""
