"""Checks of an answer that both APIs need, whatever their envelope looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stitchhouse.columns import WHOLE, as_text
from stitchhouse.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stitchhouse.links import Object

STAYS = "the cursor stays"


def held(data: Any, name: str, where: str, quote: Callable[[object], str]) -> Any:
    """What an answer holds under `name`. Raises `ContractError` with the source's own words, or with the keys seen."""
    if isinstance(data, dict) and data.get(name) is not None:
        return data[name]
    said = data.get("message") or data.get("error") if isinstance(data, dict) else None
    keys = ", ".join(map(str, data)) if isinstance(data, dict) else type(data).__name__
    told = f"it says: {quote(said)}" if said else f"it holds: {quote(keys)}"
    raise ContractError(f"{where}: the answer holds no list '{name}' ({told}); {STAYS}")


def objects(rows: Any, name: str, where: str) -> list[Object]:
    """The rows of a list. One that is no object becomes one without an id, to be rejected with what it was."""
    if not isinstance(rows, list):
        raise ContractError(f"{where}: the answer holds no list '{name}', but {type(rows).__name__}; {STAYS}")
    return [row if isinstance(row, dict) else {"value": row} for row in rows]


def whole(meta: Mapping[str, Any], name: str, where: str) -> int | None:
    """A number of `meta`, which may come as text; None where it is null or missing."""
    text = as_text(meta.get(name))
    if text is None or text == "":
        return None
    if not WHOLE.fullmatch(text) or int(text) < 0:
        raise ContractError(f"{where}: meta says that {name} is {text!r}; {STAYS}")
    return int(text)
