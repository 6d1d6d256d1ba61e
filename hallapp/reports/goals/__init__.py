"""Setting the yearly goal of a hall, and its words; the figures are in `reports.figures.goals`."""
