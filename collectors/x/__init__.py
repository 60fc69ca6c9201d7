"""X (API v2): a brand's own posts, mentions of its account, and a search for its names. Every read is paid, within a monthly budget."""

from collectors.x.collector import XCollector
from collectors.x.settings import XSettings

__all__ = ["XCollector", "XSettings"]
