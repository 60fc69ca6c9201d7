"""DuckDB as the store: inbox, ingest, views, publishing. The only place with SQL."""
