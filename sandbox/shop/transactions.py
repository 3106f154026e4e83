"""A file of transactions as columns: every distinct value is read once, every row is an index."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from sandbox.errors import BrokenHistory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Our name of each column, with the headers it goes by; compared without case and blanks.
HEADERS = {
    "invoice": ("invoiceno", "invoice"),
    "code": ("stockcode",),
    "description": ("description",),
    "quantity": ("quantity",),
    "date": ("invoicedate",),
    "price": ("unitprice", "price"),
    "customer": ("customerid",),
    "country": ("country",),
}
OPTIONAL = frozenset({"description", "customer"})
DATE_FORMS = ("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%y %H:%M")


@dataclass(frozen=True, slots=True)
class Values:
    """One column: ``index[row]`` points into ``distinct``; -1 is null."""

    distinct: list[Any]
    index: Sequence[int]


def read_transactions(file: str) -> dict[str, Values]:
    """All columns of a CSV or Parquet file, converted and checked."""
    path = Path(file)
    if not path.is_file():
        raise BrokenHistory(f"{file}: no such file; a CSV or Parquet file of transactions was expected")
    try:
        with path.open("rb") as opened:
            columnar = opened.read(4) == b"PAR1"
        table = pyarrow.parquet.read_table(path) if columnar else _csv(path)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        reason = str(error).splitlines()[0]
        raise BrokenHistory(f"{file}: cannot be read as CSV or Parquet: {reason}") from error
    headers = {"".join(name.lower().split()): name for name in table.column_names}
    first_row = 1 if columnar else 2  # a text file's header is a row of its own
    columns: dict[str, Values] = {}
    for name, known in HEADERS.items():
        header = next((headers[k] for k in known if k in headers), None)
        if header is None:
            found = ", ".join(table.column_names)[:200]
            raise BrokenHistory(f"{file}: column {' or '.join(known)} is missing; the columns are {found}")
        place = f"{file}: column {header}"
        columns[name] = _values(
            table.column(header), CONVERSIONS[name], place, first_row, null_is_fine=name in OPTIONAL
        )
    return columns


def _csv(path: Path) -> pa.Table:
    """Every cell as text; only an empty unquoted cell is null."""
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        data.decode()
        encoding = "utf8"
    except UnicodeDecodeError:
        encoding = "latin1"
    header = data.split(b"\n", 1)[0].decode(encoding).strip("\r\n")
    names = [name.strip().strip('"') for name in header.split(",")]
    table: pa.Table = pyarrow.csv.read_csv(
        BytesIO(data),
        read_options=pyarrow.csv.ReadOptions(encoding=encoding, use_threads=False),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return table


def _values(
    column: pa.ChunkedArray[Any], convert: Callable[[Any], Any], place: str, first_row: int, *, null_is_fine: bool
) -> Values:
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us"), safe=False)
    whole = pa.concat_arrays(column.chunks) if column.chunks else pa.array([], column.type)
    coded = whole if isinstance(whole, pa.DictionaryArray) else pa.DictionaryArray.from_arrays(*_coded(whole))
    positions = coded.indices.cast(pa.int32()).fill_null(-1)
    index = array("i")
    index.frombytes(positions.buffers()[1] or b"")
    index = index[positions.offset : positions.offset + len(positions)]
    if not null_is_fine and coded.null_count:
        row = pc.index(positions, pa.scalar(-1, pa.int32())).as_py() + first_row
        raise BrokenHistory(f"{place}, row {row}: is empty; {EXPECTED[convert]} was expected")
    distinct = []
    for at, value in enumerate(coded.dictionary.to_pylist()):
        try:
            distinct.append(convert(value))
        except (ValueError, InvalidOperation):
            row = pc.index(positions, pa.scalar(at, pa.int32())).as_py() + first_row
            shown = str(value)[:40]
            raise BrokenHistory(f"{place}, row {row}: {shown!r} is not {EXPECTED[convert]}") from None
    return Values(distinct, index)


def _coded(whole: pa.Array[Any]) -> tuple[Any, Any]:
    coded: Any = whole.dictionary_encode()
    return coded.indices, coded.dictionary


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode()
    return value if isinstance(value, str) else str(value)


def _whole(value: object) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError
    return int(value) if isinstance(value, float) else int(str(value))


def _decimal(value: object) -> Decimal:
    """The shortest decimal that means the same number."""
    number = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
    if not number.is_finite():
        raise ValueError
    return number


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - local by definition
    text = str(value).strip()
    for form in DATE_FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - local by definition
        except ValueError:
            continue
    return datetime.fromisoformat(text)


CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "invoice": _text,
    "code": _text,
    "description": _text,
    "quantity": _whole,
    "date": _moment,
    "price": _decimal,
    "customer": _text,
    "country": _text,
}
EXPECTED: dict[Callable[[Any], Any], str] = {
    _text: "text",
    _whole: "a whole number",
    _decimal: "a decimal number",
    _moment: "a date like 2010-12-01 08:26:00 or 12/1/2010 8:26",
}
