"""Rows with odd values: what is sent, loaded and rejected. Each name begins with the number of its fault."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

from tests.odd_lists import Odd

NOT_AN_ID = "not a value of kind ids"
NOT_A_DATE = "not a value of kind dates"
NOT_DECIMAL = "not a decimal number"
TOO_LARGE = "out of range for DECIMAL(18,4)"
LONG, WIDE = 10_000_000, 1_000_000
NAME = "n" * 300


def deep(levels: int, inner: str = "1") -> str:
    return '{"a":' * levels + inner + "}" * levels


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


FINE = (
    Odd(name="63 spaces and case", sent={"order_number": '" 0012 aB "'}, holds={"order_number": " 0012 aB "}),
    Odd(
        name="66 money in other forms",
        sent={"grand_total": '"1e3"', "subtotal": '""', "total_tax": "7"},
        holds={"grand_total": Decimal(1000), "subtotal": None, "total_tax": Decimal(7)},
    ),
    Odd(name="67 empty date", sent={"cancel_ship_date": '""'}, holds={"cancel_ship_date": None}),
    Odd(
        name="68 offset without colon",
        sent={"created_at": '"2026-03-01T10:00:00-0800"'},
        holds={"created_at": at("2026-03-01T18:00:00+00:00")},
    ),
    Odd(
        name="69 no offset",
        sent={"created_at": '"2026-03-01T10:00:00"'},
        holds={"created_at": at("2026-03-01T10:00:00+00:00")},
    ),
    Odd(
        name="70 hour that did not exist",
        sent={
            "created_at": '"2026-03-29T01:30:00+00:00"',
            "confirmed_at": '"2026-10-25T01:30:00+01:00"',
            "submitted_at": '"2026-10-25T01:30:00+00:00"',
        },
        holds={
            "created_at": at("2026-03-29T01:30:00+00:00"),
            "confirmed_at": at("2026-10-25T00:30:00+00:00"),
            "submitted_at": at("2026-10-25T01:30:00+00:00"),
        },
    ),
    Odd(
        name="72 stamp of 2099",
        sent={"updated_at": '"2099-01-01T00:00:00Z"'},
        holds={"updated_at": at("2099-01-01T00:00:00+00:00")},
    ),
    Odd(
        name="75 NUL",
        sent={"notes": '"a\\u0000b"', "order_number": '"\\u0000"'},
        holds={"notes": "a\0b", "order_number": "\0"},
    ),
    Odd(
        name="76 lone surrogate",
        sent={"notes": '"\\ud800 and \\ud83d\\ude00"'},
        holds={"notes": "\ufffd and \U0001f600"},
    ),
    Odd(name="77 long text", sent={"notes": json.dumps("x" * LONG)}, holds={"length(notes)": LONG}),
    Odd(name="77 long list", sent={"long_list": json.dumps([1] * WIDE)}, holds={"length(long_list)": 2 * WIDE + 1}),
    Odd(name="78 300 objects in each other", sent={"nested": deep(300)}, holds={"nested": deep(300)}),
    Odd(name="78 60 lists in each other", sent={"nested": "[" * 60 + "]" * 60}, holds={"nested": "[" * 60 + "]" * 60}),
    Odd(name="79 new field", sent={"gift_wrap": '"red"'}, holds={"gift_wrap": "red"}),
    Odd(name="80 fields gone", sent={"notes": None, "grand_total": None}, holds={"notes": None, "grand_total": None}),
    Odd(
        name="81 retyped text",
        sent={"notes": "[1,2]", "status": "5", "currency": '{"code":"EUR"}', "channel_name": "true"},
        holds={"notes": "[1,2]", "status": "5", "currency": '{"code":"EUR"}', "channel_name": "true"},
    ),
    Odd(
        name="82 names that collide",
        sent={"fooBar": '"1"', "foo_bar": '"2"', "FooBar": '"3"'},
        holds={"foo_bar": "2", "foo_bar_8a9e894f": "1", "foo_bar_17c7d725": "3"},
    ),
    Odd(
        name="83 odd names",
        sent={"": '"1"', " ": '"2"', "a;drop table t": '"3"', "\"'": '"4"', NAME: '"5"', "\U0001f381": '"6"'},
        holds={
            "unnamed_1271cf25": "1",
            "unnamed_45f18aa2": "2",
            "a_drop_table_t_c5cd409a": "3",
            "unnamed_78c58f7f": "4",
            NAME: "5",
            "unnamed_c6471031": "6",
        },
    ),
    Odd(
        name="85 names of ours",
        sent={"_dlt_id": '"1"', "_dlt_load_id": '"2"', "_row_hash": '"3"', "_batch": '"4"', "account": '"5"'},
        holds={
            "src_dlt_id": "1",
            "src_dlt_load_id": "2",
            "src_row_hash": "3",
            "src_batch": "4",
            "src_account": "5",
            "account": "4101",
        },
    ),
    Odd(name="87 name twice", sent={"notes": None}, more='"notes":"first","notes":"last"', holds={"notes": "last"}),
    Odd(
        name="91 formulas",
        sent={"notes": "\"=cmd|' /C calc'!A0\"", "internal_notes": '"\'; drop table x; -- <script>"'},
        holds={"notes": "=cmd|' /C calc'!A0", "internal_notes": "'; drop table x; -- <script>"},
    ),
)
ODD = (
    Odd(name="61 id null", sent={"id": "null"}, rejected=((None, "no key", '"id":null'),)),
    Odd(name="61 id missing", sent={"id": None}, rejected=((None, "no key", '"organisation_id"'),)),
    Odd(name="63 id with zeros", sent={"id": '"007"'}, rejected=((None, "no key", '"id":"007"'),)),
    Odd(name="64 id of 71 bits", sent={"id": str(2**70)}, rejected=((None, "no key", str(2**70)),)),
    Odd(
        name="64 large numbers",
        sent={
            "company_id": str(2**63),
            "total_quantity": str(2**70),
            "grand_total": str(10**400),
            "subtotal": "1" * 5000,
        },
        holds={"company_id": None, "total_quantity": None, "grand_total": None},
        rejected=(
            ("company_id", "out of range for a whole number", str(2**63)),
            ("total_quantity", "not a value of kind counts", str(2**70)),
            ("grand_total", TOO_LARGE, str(10**400)),
            ("subtotal", TOO_LARGE, "1" * 5000),
        ),
    ),
    Odd(
        name="65 NaN",
        sent={"grand_total": "NaN", "subtotal": "-Infinity", "total_tax": '"nan"', "notes": "NaN"},
        holds={"grand_total": None, "subtotal": None, "total_tax": None, "notes": "NaN"},
        rejected=(
            ("grand_total", NOT_DECIMAL, "NaN"),
            ("subtotal", NOT_DECIMAL, "-Infinity"),
            ("total_tax", NOT_DECIMAL, "nan"),
        ),
    ),
    Odd(
        name="66 money",
        sent={"grand_total": '"1,234.50"', "subtotal": '"1.23456"', "total_tax": "true"},
        holds={"grand_total": None, "subtotal": Decimal("1.2346"), "total_tax": None},
        rejected=(
            ("grand_total", NOT_DECIMAL, "1,234.50"),
            ("subtotal", "rounded", "1.23456"),
            ("total_tax", NOT_DECIMAL, "true"),
        ),
    ),
    Odd(
        name="67 dates",
        sent={
            "start_ship_date": '"0000-00-00"',
            "cancel_ship_date": '"2026-02-30"',
            "created_at": '"0000-00-00 00:00:00"',
        },
        holds={"start_ship_date": None, "cancel_ship_date": None, "created_at": None},
        rejected=(
            ("start_ship_date", NOT_A_DATE, "0000-00-00"),
            ("cancel_ship_date", NOT_A_DATE, "2026-02-30"),
            ("created_at", "not a value of kind times", "0000-00-00 00:00:00"),
        ),
    ),
    Odd(name="80 key gone", sent={"id": None, "ID": "9"}, rejected=((None, "no key", '"ID":9'),)),
    Odd(
        name="81 retyped id",
        sent={"company_id": '{"id":3}', "season_id": "[1]", "return_label": "[]"},
        holds={"company_id": None, "season_id": None, "return_label": None},
        rejected=(
            ("company_id", NOT_AN_ID, '{"id":3}'),
            ("season_id", NOT_AN_ID, "[1]"),
            ("return_label", "not a value of kind flags", "[]"),
        ),
    ),
    Odd(name="81 retyped lines", sent={"line_items": '"none"'}, rejected=((None, "no key", '{"value":"none"}'),)),
    Odd(name="86 number", row="5", rejected=((None, "no key", '{"value":5}'),)),
    Odd(name="86 text", row='"five"', rejected=((None, "no key", '{"value":"five"}'),)),
    Odd(name="86 null", row="null", rejected=((None, "no key", '{"value":null}'),)),
    Odd(name="86 list", row='[{"id":5}]', rejected=((None, "no key", '{"value":[{"id":5}]}'),)),
)
