"""The page on which a hall defines its categories, and their fields in the forms of other rooms."""
