"""The machinery: settings, rounds, schedule, scoring, alerts and the `hibiki` command."""
