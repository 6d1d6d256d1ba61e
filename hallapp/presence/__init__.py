"""People inside now: who leaves, the hall's limit, and the flow per quarter of an hour."""
