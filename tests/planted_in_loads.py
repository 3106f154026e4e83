"""Bugs between the network and the warehouse: answers, logins, secrets, loads and locks."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pendulum

from sources.stitchlabs.filter import Filter, Test
from stitchhouse.errors import ContractError
from stitchhouse.walk import Page
from tests.planted import Bug, Right, always

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stitchhouse.layout import Layout

ENVELOPE = "tests/test_envelope.py"
CHANGES = "tests/test_changes.py"


def _hinted(change: Callable[[dict[str, Any], Layout], None]) -> Callable[..., Any]:
    def faulty(right: Right, layout: Layout) -> dict[str, Any]:
        made: dict[str, Any] = right(layout)
        change(made, layout)
        return made

    return faulty


def _append_lines(made: dict[str, Any], layout: Layout) -> None:
    if layout.name.endswith("line_items"):
        made["write_disposition"] = "append"


def _replace_roots(made: dict[str, Any], layout: Layout) -> None:
    if layout.name == "sales_orders":
        made["write_disposition"] = "replace"


def _unsorted(made: dict[str, Any], layout: Layout) -> None:
    if layout.sort:
        made["columns"][layout.sort].pop("dedup_sort")


def _oldest_first(made: dict[str, Any], layout: Layout) -> None:
    if layout.sort:
        made["columns"][layout.sort]["dedup_sort"] = "asc"


def _not_archived(right: Right, self: Any, resource: str, **named: Any) -> Page:
    asked = named.pop("filter", None) or Filter()
    if resource == "SalesOrders":
        asked = Filter(all_of=[*asked.all_of, Test("archived", value=False)], any_of=asked.any_of)
    page: Page = right(self, resource, filter=asked, **named)
    return page


def _believing(meta: Callable[[dict[str, Any], int], dict[str, Any]]) -> Callable[..., Any]:
    """`to_page` with a `meta` that says what is expected, whatever it said."""

    def faulty(right: Right, answer: Any, dataset: Any, asked: int, *rest: Any) -> Any:
        said = answer.data.get("meta") if isinstance(answer.data, dict) else None
        if isinstance(said, dict):
            answer.data["meta"] = said | meta(said, asked)
        return right(answer, dataset, asked, *rest)

    return faulty


def _next_is_next(said: dict[str, Any], asked: int) -> dict[str, Any]:
    return {"next_page": asked + 1} if said.get("next_page") else {}


def _empty_for_an_error(right: Right, answer: Any, dataset: Any, asked: int, *rest: Any) -> Any:
    try:
        return right(answer, dataset, asked, *rest)
    except ContractError:
        return Page(rows=[], number=asked, date=answer.date)


def _nothing_more(_: Right, self: Any, missing: Sequence[int], *, asked_alone: bool) -> Any:  # noqa: ARG001
    return iter(())


def _set_before(right: Right, self: Any, organisation: int, *, again: bool = False) -> None:
    if again:
        self._current = organisation
    else:
        right(self, organisation)


def _all_absent(_: Right, self: Any, missing: list[int], *__: Any) -> None:
    self.gone = missing


def _null_for_nan(_: Right, raw: bytes, __: str) -> Any:
    return json.loads(raw, parse_constant=lambda _: None, parse_float=str), Counter()


def _following(right: Right, self: Any, *args: Any, **named: Any) -> Any:
    return right(self, *args, **named | {"allow_redirects": True})


def _all_told(_: Right, self: Any, text: str, *__: Any) -> str:  # noqa: ARG001
    return text


def _our_clock(_: Right, headers: Any) -> Any:  # noqa: ARG001
    return pendulum.now("UTC")


def _emptied(right: Right, self: Any) -> Any:
    carried = right(self)
    self._file.unlink(missing_ok=True)
    return carried


IN_LOADS = (
    Bug("lines are appended", "tests/test_moved_lines.py", {"stitchhouse.resource.hints": _hinted(_append_lines)}),
    Bug("no order among copies", "tests/test_moved_lines.py", {"stitchhouse.resource.hints": _hinted(_unsorted)}),
    Bug(
        "the older copy wins",
        "tests/test_moved_lines.py",
        {"stitchhouse.resource.hints": _hinted(_oldest_first)},
    ),
    Bug(
        "archived rows are filtered out",
        f"{CHANGES}::test_new_orders_come_and_deleted_ones_stay",
        {"sources.stitchlabs.client.Client.listing": _not_archived},
    ),
    Bug(
        "next_page is trusted",
        f"{ENVELOPE}::test_nonsense_in_meta",
        {"sources.stitchex.client.to_page": _believing(_next_is_next)},
    ),
    Bug(
        "current_page is ignored",
        f"{ENVELOPE}::test_nonsense_in_meta",
        {"sources.stitchex.client.to_page": _believing(lambda _, asked: {"current_page": asked})},
    ),
    Bug("absent is deleted", "simulated keyset on id", {"stitchhouse.deletes.Deletes._confirm": _all_absent}),
    Bug(
        "no check of the organisation",
        "tests/test_organisations.py::test_organisation_switched_by_another_job",
        {
            "sources.stitchex.client.ListReader._strangers": always(()),
        },
    ),
    Bug(
        "an error in the envelope is an empty list",
        f"{ENVELOPE}::test_words_of_an_error_at_stitchex",
        {"sources.stitchex.client.to_page": _empty_for_an_error},
    ),
    Bug(
        "an uncertified walk replaces the table",
        f"{CHANGES}::test_exactly_the_changed_orders_are_loaded_again",
        {"stitchhouse.resource.hints": _hinted(_replace_roots)},
    ),
    Bug(
        "details that were not answered are not missed",
        "schedule 2",
        {"stitchhouse.detail.Details._alone": _nothing_more},
    ),
    Bug(
        "tried again without setting the organisation",
        "tests/test_connection.py::test_refused_token",
        {"sources.stitchex.auth.Connection.use": _set_before},
    ),
    Bug(
        "NaN is null",
        "tests/test_catalogue_values.py::test_a_value_that_does_not_fit[65 NaN]",
        {"stitchhouse.http.parsed": _null_for_nan},
    ),
    Bug(
        "redirects are followed",
        "tests/test_client.py::test_no_redirect_is_followed",
        {"requests.sessions.Session.request": _following},
    ),
    Bug(
        "an error tells a secret",
        "tests/test_secrets.py::test_errors_with_an_echo",
        {"stitchhouse.redact.Redactor.hide": _all_told},
    ),
    Bug("our own clock for the source's", "schedule 387", {"stitchhouse.http.date_of": _our_clock}),
    Bug(
        "no lock",
        "tests/test_reset.py::test_while_another_run_loads",
        {"pipelines.locks.Patience.acquire": always(None)},
    ),
    Bug(
        "state does not come from the destination",
        "tests/test_crash.py::test_the_state_of_a_machine_may_be_lost",
        {"dlt.pipeline.pipeline.Pipeline._restore_state_from_destination": always(None)},
    ),
    Bug(
        "certificates are let go before they are loaded",
        "tests/test_torture.py::test_certificates_outlive_a_load_that_fails",
        {"pipelines.watch.Watch.carried": _emptied},
    ),
)
