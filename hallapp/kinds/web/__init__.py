"""The manager's page of the kinds of organisation, and the kinds of a request's hall for the forms of other rooms."""
