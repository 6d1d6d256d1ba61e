"""What organisers are told: the hall's words or the standard ones, filled in safely, by mail and by text message."""
