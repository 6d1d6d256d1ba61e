"""Resources beside places and guides, such as session rooms, headsets and parking places."""
