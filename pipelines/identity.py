"""Whether a secret still opens the account whose rows the warehouse holds, so that two shops are never mixed.

A hash of host and token is kept in the state, beside the rows. Where it is another one, the source is asked for rows
that the warehouse knows: who knows them is the same account, with a new token or at a new address.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pipelines.connection import connect, host_of, tokens
from pipelines.project import maker, setting
from stitchhouse.columns import parse_time
from stitchhouse.errors import ConfigurationError, CredentialsError, RefusedError
from stitchhouse.walk import Ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    import dlt

    from pipelines.held import Held
    from stitchhouse.dataset import Dataset
    from stitchhouse.walk import Reader

KEPT = "identities"
FORMAT = 1
"""Of what the state remembers; raised when an older stitchhouse would misread it."""
CREATED = "created_at"
"""The column that no edit changes; ids alone may be the same in two shops."""


def check_identity(pipeline: dlt.Pipeline, source: str, known: Held, accounts: Sequence[str]) -> None:
    """Raises `ConfigurationError` for an account whose known rows the source does not know.

    Stitchex tells itself whose rows it answers, by the organisation's id, so that only its address can be another one.
    """
    host, secrets = host_of(source), {"": ""} if source == "stitchex" else tokens()
    own = {name: _hash(host, token) for name, token in secrets.items() if not name or not accounts or name in accounts}
    state: dict[str, Any] = dict(pipeline.state)
    held = state.get("sources", {}).get(source, {})
    if held.get("format", 0) > FORMAT:
        raise ConfigurationError(
            f"{source}: the state in the destination has format {held['format']}, and this stitchhouse reads up to "
            f"{FORMAT}; nothing was read: install the newer version that wrote it"
        )
    kept = held.get(KEPT, {})
    others = [name for name, value in own.items() if kept.get(name) != value]
    if not others:
        return
    fine = [name for name in others if _same(pipeline, source, known, name, accounts)]
    with pipeline.managed_state() as fresh:
        own_state = fresh.setdefault("sources", {}).setdefault(source, {})
        own_state["format"] = FORMAT
        own_state.setdefault(KEPT, {}).update({name: own[name] for name in fine})


def _hash(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def _same(pipeline: dlt.Pipeline, source: str, known: Held, name: str, accounts: Sequence[str]) -> bool:
    """Whether it is certain; not where the source lets nobody in, which the walks will tell."""
    datasets = [one for one in maker(source)[1] if one.paged and CREATED in one.table.declared]
    columns = known.columns([one.table.name for one in datasets])
    datasets = [one for one in datasets if {"id", CREATED} <= columns.get(one.table.name, set())]
    if not datasets:
        return True
    try:
        api = connect(source, [name] if name else accounts)
        for account in api.accounts():
            for dataset in datasets:
                verdict = _recognised(pipeline, source, dataset, account, api.reader(dataset, account), known)
                if verdict is False:
                    raise ConfigurationError(
                        f"{source}: the secret of account {account} opens another shop than the one in the warehouse: "
                        f"none of its {dataset.name} is known there. Nothing was loaded. Give the other shop a name of "
                        f"its own (sources.stitchlabs.account or accounts), or another destination"
                    )
                if verdict:
                    break
    except CredentialsError:
        return False
    return True


def _recognised(
    pipeline: dlt.Pipeline, source: str, dataset: Dataset, account: str, reader: Reader, known: Held
) -> bool | None:
    """Whether the source answers rows as the warehouse has them; None where there is nothing to compare."""
    with pipeline.sql_client() as client:
        table = client.make_qualified_table_name(dataset.table.name)
        question = f"select min(id), max(id) from {table} where account = %s"  # noqa: S608 - a name of ours
        ((least, greatest),) = client.execute_sql(question, account) or [(None, None)]
    if least is None:
        return None
    compared = False
    for key in dict.fromkeys([greatest, least]):
        try:
            page = reader.page(Ask(order="id", after=int(key) - 1))
        except RefusedError:
            page = reader.page(Ask())
        zone = str(setting(source, "time_zone") or page.zone)
        sent = {int(row["id"]): parse_time(row.get(CREATED), zone) for row in page.rows if str(row["id"]).isdigit()}
        held = known.values(dataset.table.name, CREATED, account, list(sent))
        if any(held[key] == sent[key] for key in held):
            return True
        compared = compared or bool(page.rows)
    return False if compared else None
