"""Single sign-on: staff who sign in with the account that they have at another provider."""
