"""The API: keys, idempotent requests, cursors, and the views of `/api/v1` in `web/`."""
