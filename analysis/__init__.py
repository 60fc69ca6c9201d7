"""Statistics over frames and numbers: rates, intervals, comparisons. Pure functions, no database."""
