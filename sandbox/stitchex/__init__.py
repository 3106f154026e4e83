"""Stitchex, called Uphance today: three-call login, GET lists with a ``meta`` hash."""
