"""The commands of ``hibiki``, a few to a file. Heavy things are imported inside the functions, so that the help is there at once."""
