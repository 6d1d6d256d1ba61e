"""The kiosk: a tablet in the lobby where a group shows its pass, confirms its number and is told where to go."""
