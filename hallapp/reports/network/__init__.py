"""Several halls of one installation together: totals, ranking, map, month by month; who may read them."""
