-- What platforms let us use in a month or a day (money, units, calls), and how much of that is used.

CREATE TABLE allowances (
    name VARCHAR, platform VARCHAR, title VARCHAR, unit VARCHAR, allowed DOUBLE, spent DOUBLE, forecast DOUBLE,
    resets_at TIMESTAMP, recorded_at TIMESTAMP
);
COMMENT ON TABLE allowances IS 'What platforms let us use in a month, a day or the last hours, and how it stood after the last round that could draw on it: one row an allowance.';
COMMENT ON COLUMN allowances.name IS 'Name of the allowance; sources that share it draw on the same one.';
COMMENT ON COLUMN allowances.platform IS 'Its platform.';
COMMENT ON COLUMN allowances.title IS 'Its name for people.';
COMMENT ON COLUMN allowances.unit IS 'USD, units, calls or hashtags.';
COMMENT ON COLUMN allowances.allowed IS 'How much may be used in the window; of several sources that share it, the largest limit.';
COMMENT ON COLUMN allowances.spent IS 'How much was used so far in the window, with what was set aside and never settled.';
COMMENT ON COLUMN allowances.forecast IS 'How much will have been used when the window ends, if it goes on as in the last seven days; NULL where less than a day is known.';
COMMENT ON COLUMN allowances.resets_at IS 'When the window ends (of one that rolls: when the first of what was used stops counting), UTC.';
COMMENT ON COLUMN allowances.recorded_at IS 'When this was so, UTC.';
