"""Online programmes: the page to join, measured presence, and the ledger of the audience. Nobody in it is a visitor."""
