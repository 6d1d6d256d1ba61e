"""Staff, their roles, their sign-in, and the audit trail."""
