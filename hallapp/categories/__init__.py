"""Categories of people: minors, students, older people and whatever else a hall counts apart."""
