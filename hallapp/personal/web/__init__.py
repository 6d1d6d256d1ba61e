"""The web layer of `personal`: the organiser's own page and the administrators' page. The rest imports no Flask."""
