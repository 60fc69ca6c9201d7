"""DuckDB as the store: inbox, ingest, views, publishing. The only place with SQL."""

from store.errors import StoreError
from store.home import Home
from store.inbox import Inbox
from store.owner import Owner

__all__ = ["Home", "Inbox", "Owner", "StoreError"]
