"""What can go wrong in the machinery, and the exit code that each ends with.

    MonitorError            1  something failed
    ├── UsageProblem        2  the command was called in a wrong way
    ├── SettingsError       3  hibiki.toml says something wrong (monitor.settings)
    ├── NothingYet          4  no data or no published copy yet
    ├── OtherOwner          5  another process owns this home
    └── SourceFailed        6  at least one source could not be read

A message is one line: what is wrong, and how to mend it.
"""

from __future__ import annotations

OK = 0
FAILED = 1
USAGE = 2
SETTINGS = 3
NOTHING_YET = 4
OTHER_OWNER = 5
SOURCE_FAILED = 6
INTERRUPTED = 130


class MonitorError(Exception):
    """Something failed; ``str(error)`` is the line that the user reads."""

    code = FAILED


class UsageProblem(MonitorError):
    """The command was called in a way that cannot work."""

    code = USAGE


class NothingYet(MonitorError):
    """There is no data, or nothing is published yet."""

    code = NOTHING_YET


class OtherOwner(MonitorError):
    """Another process owns this home."""

    code = OTHER_OWNER


class SourceFailed(MonitorError):
    """At least one source could not be read; the others went on."""

    code = SOURCE_FAILED
