"""Fair under load: what a busy machine, or a bad neighbour, must not do to anybody's grade."""
