"""Origin sets: the places that a hall counts its visitors by, with their names, regions, order and tile map."""
