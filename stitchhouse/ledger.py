"""The tables that every source has beside its own: what was walked, what did not fit, and what is gone."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import pyarrow as pa

from stitchhouse.dataset import ACCOUNT, Kind
from stitchhouse.layout import Layout
from stitchhouse.redact import SECRETS
from stitchhouse.schema import schema
from stitchhouse.walk.certificate import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stitchhouse.batch import Batch
    from stitchhouse.walk import Certificate

WALKS = Layout(name="_walks", columns=COLUMNS, key=("run", "dataset", "account"))
REJECTED = Layout(
    name="_rejected",
    columns=dict.fromkeys(
        ("id", "dataset", ACCOUNT, "table_name", "key", "column_name", "reason", "raw"),
        Kind.TEXT,
    )
    | {"acknowledged_at": Kind.TIME},
    key=("id",),
)
RETURNED = "returned"
"""Column of `_deleted` whose true value takes the row away: what was gone is back."""
DELETED = Layout(
    name="_deleted",
    columns={
        "table_name": Kind.TEXT,
        ACCOUNT: Kind.TEXT,
        "key": Kind.TEXT,
        "at": Kind.TIME,
        "walk": Kind.TEXT,
        RETURNED: Kind.FLAG,
    },
    key=("table_name", ACCOUNT, "key"),
    removed=RETURNED,
)
SHARED = (WALKS, REJECTED, DELETED)


def walk_rows(certificates: Sequence[Certificate]) -> pa.Table:
    return pa.Table.from_pylist([certificate.row() for certificate in certificates], schema=schema(WALKS))


def rejected_rows(batch: Batch) -> pa.Table:
    """One row per rejected value; the same value rejected again is the same row."""
    rows = []
    for reject in batch.rejected:
        place = (batch.dataset.name, batch.account, reject.table, reject.key, reject.column, reject.reason, reject.raw)
        rows.append(
            {
                "id": blake2b("\x1f".join(place).encode(errors="replace"), digest_size=16).hexdigest(),
                "dataset": batch.dataset.name,
                ACCOUNT: batch.account,
                "table_name": reject.table,
                "key": reject.key,
                "column_name": reject.column or None,
                "reason": reject.reason,
                "raw": SECRETS.hide(reject.raw),
            }
        )
    return pa.Table.from_pylist(rows, schema=schema(REJECTED))
