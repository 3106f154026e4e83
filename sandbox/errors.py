"""What can go wrong before a sandbox answers, apart from the code that raises it: naming an error costs no import.

BadOption       a switch or option got a value that it does not know
BrokenHistory   a file of transactions cannot be used; the message says file, place and what was expected
PortTaken       something else listens on the port that was asked for
SandboxFailed   the server ended before it answered
"""


class BadOption(Exception):  # noqa: N818 - as all here: says what is the matter
    pass


class BrokenHistory(Exception):  # noqa: N818
    pass


class PortTaken(Exception):  # noqa: N818
    pass


class SandboxFailed(Exception):  # noqa: N818
    pass
