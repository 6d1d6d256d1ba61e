"""The kiosk: a tablet in the lobby where a group shows its pass, confirms its number and sees where to go."""
