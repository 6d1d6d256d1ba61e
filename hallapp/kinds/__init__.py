"""The kinds of organisation that the groups of a hall come from, with the names and the order that the hall chose."""
