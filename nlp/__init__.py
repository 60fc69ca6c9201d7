"""Japanese text becomes scores: sentiment, stance and what made them. Pure: no network, no database."""
