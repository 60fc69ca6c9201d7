"""Collectors: the outside world becomes records. One file per platform; they know no database."""
