"""What a dataset is: frozen records that the sources fill in, and nothing else.

Columns are declared by vocabulary, one word list per kind, because the kind decides both the type in the warehouse
and how a value is read:

========  ===========================  =====================================================================
kind      type                         reads
========  ===========================  =====================================================================
ids       BIGINT                       decimal digits that come back the same (`"012"` is rejected)
counts    BIGINT                       whole numbers
money     DECIMAL(18,4)                decimal numbers; more than 4 decimals are rounded half to even and noted
flags     BOOLEAN                      0, 1, true, false, as text or not
times     TIMESTAMP WITH TIME ZONE     ISO 8601; stored in UTC; without an offset: the account's time zone
dates     DATE                         the first ten characters as written
text      VARCHAR                      anything, never trimmed, `""` kept
========  ===========================  =====================================================================

In every kind but text an empty text is null. A word with a dot is a field of a nested object and becomes a column of
its own: `billing_address.city` fills `billing_address_city`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

ACCOUNT = "account"
"""First key column of every table: the account's name in the settings, or the organisation's id."""


class Kind(Enum):
    ID = "ids"
    COUNT = "counts"
    MONEY = "money"
    FLAG = "flags"
    TIME = "times"
    DATE = "dates"
    TEXT = "text"


class Relation(Enum):
    """How an object is tied to another one."""

    OWNED = "owned"
    """Belongs to this parent alone: carries the parent's id, and all of them are replaced with the parent."""
    ONE = "one"
    """At most one: a column of the parent."""
    MANY = "many"
    """A link table of its own, replaced with the parent."""
    SHARED = "shared"
    """Objects nested here that have a list of their own: a link table, and copies of the objects by the owner rule."""
    BACK = "back"
    """Points back from a side-loaded object and covers one reply only: never loaded."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """One link of a table's objects.

    `name` is the API's name of the link: a key of the row's links, or of the row itself where objects are nested.
    `table` names the linked table. `column` holds the linked id (by default the linked table's `reference`).
    `keys` are what else an entry of the link holds, such as `type`: key columns of a link table, or columns beside
    `column` (`person_type`). `asked` is the last part of the path under which the objects
    stand, where each row has a page of its own for them: one more request per row.
    """

    name: str
    table: str
    relation: Relation
    column: str = ""
    keys: str = ""
    asked: str = ""


def owned(name: str, table: str, *, asked: str = "") -> Link:
    return Link(name=name, table=table, relation=Relation.OWNED, asked=asked)


def one(name: str, table: str, keys: str = "") -> Link:
    return Link(name=name, table=table, relation=Relation.ONE, keys=keys)


def many(name: str, table: str, keys: str = "") -> Link:
    return Link(name=name, table=table, relation=Relation.MANY, keys=keys)


def shared(name: str, table: str) -> Link:
    return Link(name=name, table=table, relation=Relation.SHARED)


def back(*names: str) -> tuple[Link, ...]:
    return tuple(Link(name=name, table="", relation=Relation.BACK) for name in names)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table and the objects that fill it.

    `block` is the name of the side-loaded block that holds the objects; empty where they are nested in their parent.
    `key` is the API's own key: `id`, or `position` for lists without ids (counted from 1).
    `reference` is the column under which other tables hold this table's id (`sales_order_id`).
    `pair` names those of the declared columns that belong to the pair (root, this object): they go to
    `<root>__<table>`, not here. `spelled` gives a field the name that its siblings have (`id=channel_ID`).
    `personal` names the columns that can tell who a person is, or where to reach one. `listed` is set where the
    objects have a list of their own, in whichever dataset the table stands.
    """

    name: str
    block: str = ""
    key: str = "id"
    reference: str = ""
    ids: str = ""
    counts: str = ""
    money: str = ""
    flags: str = ""
    times: str = ""
    dates: str = ""
    text: str = ""
    pair: str = ""
    spelled: str = ""
    personal: str = ""
    listed: bool = False
    links: tuple[Link, ...] = ()

    @cached_property
    def words(self) -> dict[str, Kind]:
        """All declared fields as they are written, in the order ids, counts, money, flags, times, dates, text."""
        return {name: kind for kind in Kind for name in getattr(self, kind.value).split()}

    @cached_property
    def declared(self) -> dict[str, Kind]:
        """All declared columns, in the order of the words."""
        return {_column(name): kind for name, kind in self.words.items()}

    @cached_property
    def nested(self) -> tuple[str, ...]:
        """The fields that hold an object whose own fields are columns here."""
        return tuple(dict.fromkeys(name.partition(".")[0] for name in self.words if "." in name))

    @cached_property
    def personal_columns(self) -> frozenset[str]:
        """The columns that can tell who a person is, or where to reach one."""
        return frozenset(map(_column, self.personal.split()))

    @cached_property
    def respelled(self) -> dict[str, str]:
        """The API's name of a field -> the name that it has here."""
        return {theirs: ours for ours, _, theirs in (word.partition("=") for word in self.spelled.split())}

    @cached_property
    def columns(self) -> dict[str, Kind]:
        """The columns of this table itself."""
        return {name: kind for name, kind in self.declared.items() if name not in self.pair_columns}

    @cached_property
    def pair_columns(self) -> dict[str, Kind]:
        """The columns that go to the table of the pair."""
        return {name: self.declared[name] for name in self.pair.split()}

    @cached_property
    def foreign(self) -> str:
        """The column in which other tables hold this table's id."""
        return self.reference or f"{self.name.removesuffix('s')}_id"


def _column(word: str) -> str:
    return word.replace(".", "_")


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One list of an API: one dlt resource, one walk, one or many tables.

    `path` is the API's name of the list. `cursor` is the column that says when a row last changed, empty where there
    is none. `detail` is set where linked objects come only from a second, detailed read of the row. `paged` is unset
    where the list comes whole, without page numbers. `account_column` holds the account's id on every row, to be
    checked. `sorted_by_id` is set where the list knows no sort and comes by ascending id, which every page is checked
    for. `links_in` is the row's field that holds its links; empty where linked objects are nested in the row.
    `daily` is a table that keeps some of the row's columns for every day, since the API tells only today's.
    `closed` holds words `column=value|value`: a row with one of its values in each of these columns hardly changes any
    more. A list without a cursor, but with such words, need not be read whole each time.
    """

    name: str
    path: str
    table: Table
    tables: tuple[Table, ...] = ()
    cursor: str = ""
    detail: bool = False
    sorted_by_id: bool = False
    paged: bool = True
    account_column: str = ""
    links_in: str = ""
    daily: Table | None = None
    closed: tuple[str, ...] = ()
    grain: str = field(default="", compare=False)

    @cached_property
    def closed_words(self) -> dict[str, tuple[str, ...]]:
        """Column -> the values of rows that are closed."""
        words = (word.partition("=") for word in self.closed)
        return {column: tuple(values.split("|")) for column, _, values in words}

    @cached_property
    def by_name(self) -> dict[str, Table]:
        return {table.name: table for table in (self.table, *self.tables)}

    def foreign(self, table: str) -> str:
        """The column in which other tables hold the id of `table`, whether it is one of this dataset or not."""
        return self.by_name.get(table, Table(name=table)).foreign

    @cached_property
    def homing(self) -> frozenset[str]:
        """The tables beside the dataset's own whose objects may name the row that they belong to."""
        home = (Relation.ONE, self.table.name)
        return frozenset(one.name for one in self.tables for link in one.links if (link.relation, link.table) == home)

    @cached_property
    def by_block(self) -> dict[str, Table]:
        return {table.block: table for table in (self.table, *self.tables) if table.block}
