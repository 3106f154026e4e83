"""Checks of an answer that both APIs need, whatever their envelope looks like."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from stitchhouse.columns import WHOLE, as_text, parse_time
from stitchhouse.errors import ConfigurationError, ContractError, RefusedError
from stitchhouse.faults import TELL
from stitchhouse.walk.page import row_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stitchhouse.links import Object


def held(data: Any, name: str, where: str, quote: Callable[[object], str]) -> Any:
    """What an answer holds under `name`. Raises `ContractError` with the source's own words, or with the keys seen."""
    if isinstance(data, dict) and data.get(name) is not None:
        return data[name]
    said = data.get("message") or data.get("error") if isinstance(data, dict) else None
    keys = ", ".join(map(str, data)) if isinstance(data, dict) else type(data).__name__
    told = f"it says: {quote(said)}" if said else f"it holds: {quote(keys)}"
    raise ContractError(f"{where}: the answer holds no list '{name}' ({told}); {TELL}")


def objects(rows: Any, name: str, where: str) -> list[Object]:
    """The rows of a list. One that is no object becomes one without an id, to be rejected with what it was."""
    if not isinstance(rows, list):
        raise ContractError(f"{where}: the answer holds no list '{name}', but {type(rows).__name__}; {TELL}")
    return [row if isinstance(row, dict) else {"value": row} for row in rows]


def whole(meta: Mapping[str, Any], name: str, where: str) -> int | None:
    """A number of `meta`, which may come as text; None where it is null or missing."""
    text = as_text(meta.get(name))
    if text is None or text == "":
        return None
    if not WHOLE.fullmatch(text) or int(text) < 0:
        raise ContractError(f"{where}: meta says that {name} is {text!r}; {TELL}")
    return int(text)


MOST_PAGES = 10_000_000
TWICE = "older or equal copies of rows on the same page, left out"


def pages(last: int | None, total: int | None, where: str) -> int | None:
    """The number of pages, if it can be true: none is without a row. A walk from the last page would never end."""
    if last is not None and last > max(1, MOST_PAGES if total is None else total):
        counted = "" if total is None else f" for {total} rows"
        raise ContractError(f"{where}: meta says that there are {last} pages{counted}; {TELL}")
    return last


def once(rows: Sequence[Object], column: str) -> tuple[Sequence[Object], Counter[str]]:
    """The rows of a page with each id once, and how many copies were left out: the one with the latest stamp counts.

    Copies that differ under one stamp all stay: nobody can tell which is right, and the walk will say that its page
    holds a row twice.
    """
    copies: dict[int, list[Object]] = {}
    for row in rows:
        if (key := row_id(row)) is not None:
            copies.setdefault(key, []).append(row)
    left_out = 0
    for key, held in copies.items():
        if len(held) > 1:
            latest = max(_stamp(row, column) for row in held)
            best = [row for row in held if _stamp(row, column) == latest]
            copies[key] = best[-1:] if all(row == best[-1] for row in best) else best
            left_out += len(held) - len(copies[key])
    if not left_out:
        return rows, Counter()
    kept: list[Object] = []
    for row in rows:
        key = row_id(row)
        if key is None:
            kept.append(row)
        else:
            kept += copies.pop(key, ())
    return kept, Counter({TWICE: left_out})


def _stamp(row: Object, column: str) -> float:
    stamp = parse_time(row.get(column))
    return stamp.timestamp() if stamp else 0.0


def no_list(error: RefusedError, dataset: str, setting: str) -> ConfigurationError:
    """A 404 to the list itself: the account has no such list, or the base URL is not the API's."""
    what = str(error).removesuffix(f"; {TELL}")
    return ConfigurationError(
        f"{what}: there is no such list; the cursor stays, check {setting}, or leave {dataset} out with --dataset"
    )
