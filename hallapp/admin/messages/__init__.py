"""The manager's pages for messages to organisers: the hall's own texts, and the channels of each kind."""
