"""The secrets of this process, held by value, and texts without them.

Whoever learns a secret adds it here; whatever is printed, logged or stored passes through here. So no place needs to
know which words of somebody else could hold one.
"""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "***"
SHORTEST_QUOTED = 4
"""Of a secret in somebody else's words. A shorter one would hide parts of ordinary words."""
SHORTEST = 6
"""Of a secret in a text that is mostly ours."""
CERTAIN = 12
"""Of a secret among a source's data: a shorter one may be a word that somebody wrote, and data is not to be spoilt."""
SHORTEST_NUMBER = 8
"""Of a secret made of digits: a shorter one would hide counts and ids."""
PUBLIC = frozenset({"sandbox"})
"""What the sandbox takes for a token stands in these pages, and is a word of ours."""


class Redactor:
    """The secrets that are known so far, each in the forms in which somebody may send it back."""

    def __init__(self) -> None:
        self._forms: dict[str, int] = {}
        """Form -> length of its secret; the longest form first, because one may hold another."""
        self._certain: list[bytes] = []

    def add(self, *secrets: str) -> None:
        """From now on these are hidden."""
        for secret in secrets:
            shortest = SHORTEST_NUMBER if secret.isdecimal() else SHORTEST_QUOTED
            if len(secret) >= shortest and secret not in PUBLIC:
                self._forms |= dict.fromkeys(forms(secret), len(secret))
        self._forms = dict(sorted(self._forms.items(), key=lambda form: -len(form[0])))
        self._certain = [form.encode() for form, length in self._forms.items() if length >= CERTAIN]

    def clear(self) -> None:
        self._forms, self._certain = {}, []

    def hide(self, text: str, shortest: int = SHORTEST) -> str:
        """The text with `***` for every secret of at least so many characters."""
        for form, length in self._forms.items():
            if length >= shortest and form in text:
                text = text.replace(form, HIDDEN)
        return text

    def echoed(self, raw: bytes) -> bool:
        """Whether an answer repeats a secret, beyond doubt."""
        return any(form in raw for form in self._certain)

    def cleaned(self, value: Any) -> Any:
        """A JSON value without the secrets that are one beyond doubt, in keys too."""
        if isinstance(value, str):
            return self.hide(value, CERTAIN)
        if isinstance(value, list):
            return [self.cleaned(part) for part in value]
        if isinstance(value, dict):
            return {self.cleaned(name): self.cleaned(part) for name, part in value.items()}
        return value


def forms(secret: str) -> set[str]:
    """A secret as it is, in JSON, in a URL, in HTML, in Python, in base 64."""
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    in_url = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    in_page = {html.escape(secret), html.escape(secret, quote=False), repr(secret)[1:-1]}
    coded = {code(secret.encode()).decode().rstrip("=") for code in (b64encode, urlsafe_b64encode)}
    twice = {json.dumps(form)[1:-1] for form in in_json}
    return {secret} | in_json | in_url | in_page | coded | twice


SECRETS = Redactor()
"""Those of this process."""
