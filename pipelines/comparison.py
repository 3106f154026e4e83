"""One source compared with what a destination holds of it, dataset by dataset, and mended where that is wanted."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines import locks
from pipelines.connection import check_accounts, connect, host_of, logins, typed
from pipelines.contents import Contents, Unheld
from pipelines.garbage import rarely
from pipelines.load import pipeline_of, sync
from pipelines.project import maker, module, setting
from pipelines.verification import Verification
from stitchhouse.bounds import REREAD, reread_for
from stitchhouse.compare import Beside, Difference, What, is_daily
from stitchhouse.layout import layouts
from stitchhouse.memory import Memory
from stitchhouse.owners import Owners
from stitchhouse.personal import Personal
from stitchhouse.reading import Reading
from stitchhouse.schema import numbers
from stitchhouse.tables import Side
from stitchhouse.walk import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from pipelines.project import Project
    from pipelines.terminal import Terminal
    from pipelines.verdict import Verdict
    from pipelines.warehouse import Target
    from stitchhouse.dataset import Dataset


def verify(  # noqa: PLR0913 - all but the first four are named
    project: Project,
    source: str,
    target: Target,
    terminal: Terminal,
    *,
    datasets: Sequence[str],
    accounts: Sequence[str],
    named: bool = True,
) -> list[Verdict]:
    """One verdict per dataset and account. Unless they were `named`, datasets that were never loaded are left out."""
    verdicts: list[Verdict] = []
    with _opened(project, source, target, accounts, terminal) as ground:
        chosen = [one for one in ground.datasets if one.name in datasets and (named or ground.loaded(one))]
        for one in datasets if not named else []:
            if one not in {dataset.name for dataset in chosen}:
                terminal.say(f"{source}.{one} skipped: it was never loaded; name it with --dataset to compare it")
        for account in ground.api.accounts():
            verdicts += _of_account(ground, account, chosen)
    return verdicts


def _of_account(ground: Ground, account: str, datasets: Sequence[Dataset]) -> list[Verdict]:
    beside = Beside()
    done, seen = {}, {}
    for dataset in datasets:
        one = ground.verification(dataset, account, beside, datasets)
        one.run()
        done[dataset.name], seen[dataset.table.name] = one.verdict, one.seen
    tell_beside(beside, done)
    _left(ground, account, beside, done)
    _orphans(ground, account, datasets, done, lambda owner: seen[owner] if owner in seen else beside.seen(owner))
    return list(done.values())


def tell_beside(beside: Beside, verdicts: Mapping[str, Verdict]) -> None:
    for odd in beside.differing():
        verdict = verdicts[odd.dataset]
        (verdict.standing if odd.root is None else verdict.mendable).add(odd.differences)
        verdict.roots |= set() if odd.root is None else {odd.root}


def _left(ground: Ground, account: str, beside: Beside, verdicts: Mapping[str, Verdict]) -> None:
    """Objects without a list of their own that nothing led to, where everything that could lead to them was read."""
    loaded = [one for one in ground.datasets if ground.loaded(one)]
    owned = {one.table.name for one in loaded}
    for verdict in verdicts.values():
        for name, layout in layouts(ground.by_name[verdict.dataset]).items():
            if layout.side and not layout.scope and not is_daily(layout) and name not in owned:
                filling = [one.name for one in loaded if name in layouts(one)]
                read = all(one in verdicts and verdicts[one].certified for one in filling)
                if read and verdict.dataset == filling[0]:
                    held = ground.contents.ids(layout, account)
                    left = numbers(held.filter(pc.invert(pc.is_in(held, value_set=beside.seen(name)))))
                    verdict.left |= {name: sorted(left)} if left else {}


def _orphans(
    ground: Ground,
    account: str,
    datasets: Sequence[Dataset],
    verdicts: Mapping[str, Verdict],
    read: Callable[[str], pa.Array[Any]],
) -> None:
    """Rows that hang on a row which is nowhere, not in what was `read` either: no comparison by row meets them."""
    seen = set()
    for dataset in sorted(datasets, key=lambda one: one.name):
        for name, layout in layouts(dataset).items():
            if layout.scope and name not in seen:
                seen.add(name)
                orphans = ground.contents.orphans(layout, account)
                found = numbers(orphans.filter(pc.invert(pc.is_in(orphans, value_set=read(layout.owner)))))
                words = f"those of {layout.scope} {{}}, which the warehouse does not hold"
                verdicts[dataset.name].standing.add(
                    Difference(name, What.EXTRA, words.format(key), key) for key in found
                )


def mend(project: Project, source: str, target: Target, terminal: Terminal, verdicts: Sequence[Verdict]) -> None:
    """Read again exactly what differs, load it over, and compare it once more."""
    for verdict in verdicts:
        if not verdict.roots:
            continue
        ids = tuple(sorted(verdict.roots))
        accounts = [verdict.account]
        outcome = sync(
            project,
            source,
            target,
            datasets=[verdict.dataset],
            accounts=accounts,
            window=Window(ids=ids),
            show=terminal.show,
        )
        if outcome.error is not None:
            verdict.error = outcome.error
            continue
        with _opened(project, source, target, accounts, terminal) as ground:
            beside = Beside()
            again = ground.verification(ground.by_name[verdict.dataset], verdict.account, beside, ())
            again.again(ids)
            tell_beside(beside, {verdict.dataset: again.verdict})
        verdict.mendable, verdict.repaired = again.verdict.mendable, verdict.mendable


class Ground:
    """What a comparison of one source stands on: its API, the warehouse, and what the last sync remembered."""

    def __init__(self, source: str, api: Any, state: dict[str, Any], contents: Contents, terminal: Terminal) -> None:
        self.source, self.api, self.contents, self.terminal = source, api, contents, terminal
        self.datasets: Sequence[Dataset] = maker(source)[1]
        self.by_name = {one.name: one for one in self.datasets}
        self._state: Mapping[str, Any] = state.get("resources", {})
        mode, key = typed(source, "pii", "load") or "load", setting(source, "pii_key")
        # What was hashed, dropped or forgotten in the warehouse is so in what it is compared with.
        self._personal = Personal.of(source, self.datasets, module(source).NAMED, mode, key).remembering(lambda: state)
        self._owners = Owners(self.datasets)
        days = typed(source, "reread_days", 0.0)
        self._reread = REREAD if days is None else reread_for(days)
        zones = typed(source, "time_zones", {}) or {}
        self._zones = defaultdict(lambda: str(typed(source, "time_zone", "UTC") or "UTC"), zones)

    def loaded(self, dataset: Dataset) -> bool:
        return bool(self._state.get(dataset.name, {}).get("tables"))

    def kept(self, dataset: Dataset, account: str) -> Memory:
        return Memory(self._state.get(dataset.name, {}), dataset.cursor, account)

    def verification(self, dataset: Dataset, account: str, beside: Beside, with_: Collection[Dataset]) -> Verification:
        def wanted(table: str, row: object) -> bool:  # noqa: ARG001 - the shape of the question
            """A copy of what another dataset loads whole is compared there, not here."""
            owner = self._owners.by_table.get(table)
            return owner is None or owner is dataset or not (owner in with_ or self.kept(owner, account).certified)

        def read(window: Window) -> Reading:
            return Reading(
                dataset,
                account,
                self.api.reader(dataset, account),
                Memory({}, dataset.cursor, account),
                side=Side(wanted=wanted, taken=self._owners.tables),
                known=Unheld(self.contents.held),
                zone=self._zones[account],
                personal=self._personal,
                progress=partial(self.terminal.show, becomes="compared"),
                window=window,
            )

        return Verification(
            self.source,
            dataset,
            account,
            read=read,
            kept=self.kept(dataset, account),
            contents=self.contents,
            beside=beside,
            reread=self._reread,
        )


@contextmanager
def _opened(
    project: Project, source: str, target: Target, accounts: Sequence[str], terminal: Terminal
) -> Iterator[Ground]:
    """The ground of a comparison, under the locks of a sync: what is compared must not be loaded meanwhile."""
    check_accounts(source, accounts)
    with rarely(), ExitStack() as stack:
        stack.enter_context(locks.loading(project, target.place, source))
        stack.enter_context(locks.walking(host_of(source), logins(source, accounts)))
        stack.enter_context(target.held())
        pipeline = pipeline_of(project, source, target)
        state: dict[str, Any] = deepcopy(dict(pipeline.state.get("sources", {}))).get(source, {})
        tables = {name for dataset in maker(source)[1] for name in layouts(dataset)}
        contents = stack.enter_context(Contents(pipeline, tables))
        yield Ground(source, connect(source, accounts), state, contents, terminal)
