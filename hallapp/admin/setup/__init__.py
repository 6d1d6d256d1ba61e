"""The pages in which a manager sets the hall up: facts, policy, programmes, weekly templates."""
