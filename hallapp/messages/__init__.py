"""Messages to organisers: the hall's text or the standard one, filled in safely, by mail and by text message."""
