"""The fixed, public credentials of the stand-in."""

TOKEN = "sandbox"  # noqa: S105 - no secret
EMAIL = "demo@example.com"
PASSWORD = "sandbox"  # noqa: S105 - no secret
