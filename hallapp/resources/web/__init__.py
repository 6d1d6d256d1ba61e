"""The fields of resources in the forms of other rooms."""
