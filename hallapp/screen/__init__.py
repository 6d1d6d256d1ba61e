"""The big screen of the lobby: the day in figures, the groups to come, where people come from; no names of people."""
