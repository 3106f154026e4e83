"""Apart from its reader, so that naming the error costs no import of pyarrow."""


class BrokenHistory(Exception):  # noqa: N818 - says what is the matter
    """A file of transactions cannot be used; the message says file, place and what was expected."""
