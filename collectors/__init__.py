"""The outside world -> records. One file per platform; a collector knows no database and never decides what is kept."""
