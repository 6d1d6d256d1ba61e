"""Questions of a programme: what a hall asks each group that books it, and the answers."""
