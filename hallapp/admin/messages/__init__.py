"""The manager's face of what organisers are told: the hall's own words, and the ways that each kind goes."""
