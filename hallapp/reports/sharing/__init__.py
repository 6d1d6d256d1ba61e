"""Public links of one report each, with an end: made, revoked, and looked up by the digest of their token."""
