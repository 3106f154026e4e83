"""The layers of the packages, read from their import statements: what may know what."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
OURS = ("stitchhouse", "sources", "pipelines", "sandbox")
APIS = ("stitchlabs", "stitchex")

LAYERS = (
    {"errors", "redact", "dataset", "spelling"},
    {
        *("columns", "layout", "schema", "links", "hashes", "batch", "rows", "typed", "tables", "compare", "trail"),
        *("ties", "forgotten", "personal", "veil"),
        *("walk", "address", "answer", "body", "faults", "envelope", "http", "memory", "detail", "tally", "daily"),
    },
    {
        *(
            "picking",
            "bounds",
            "begun",
            "deletes",
            "slices",
            "reading",
            "outcome",
            "terms",
            "owners",
            "merge",
            "ledger",
        ),
        *("forecast", "premises", "source", "resource"),
    },
)
"""Of the engine, from the bottom: a module imports from its own layer and from those below."""
WITHOUT_DLT = LAYERS[0] | LAYERS[1] | {"picking", "reading", "forecast"}
NETWORK = {"requests", "urllib3", "urllib.request", "http.client", "httpx", "aiohttp"}

LONGEST = 230
"""About 200, as the design says."""
LONGER: dict[str, str] = {
    "sandbox/stitchlabs/kinds.py": "declares the fields and links of every kind of object",
    "pipelines/cli.py": "declares the words and options of every command",
    "sandbox/stitchlabs/face.py": "the one place that knows which answer has which links",
}
"""Longer files, each with the reason why it stays one file."""
LONGEST_WITH_REASON = 280
DECLARATIONS = ("sources/stitchlabs/tables.py", "sources/stitchlabs/datasets.py", "sources/stitchex/datasets.py")
"""The tables and links of an API: as long as the API is wide, one entry like the next."""


class Import(NamedTuple):
    """One imported module, as far as it can be told from the statement."""

    name: str
    line: int
    typing: bool
    """Under `if TYPE_CHECKING`: never executed."""
    lazy: bool
    """Inside a function: executed when that is called."""


class Module(NamedTuple):
    name: str
    path: Path

    @property
    def file(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def package(self) -> str:
        return self.name.split(".")[0]

    def at(self, found: Import) -> str:
        return f"{self.file}:{found.line} imports {found.name}"


@cache
def modules() -> dict[str, Module]:
    """Every module of ours by its dotted name."""
    found = {}
    for path in sorted(path for package in OURS for path in (ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, path)
    return found


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def imports(module: Module) -> tuple[Import, ...]:
    return tuple(_imports(module, tree(module.path), typing=False, lazy=False))


def _imports(module: Module, node: ast.AST, *, typing: bool, lazy: bool) -> Iterator[Import]:
    lazy = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, node.lineno, typing, lazy)
    elif isinstance(node, ast.ImportFrom):
        assert not node.level, f"{module.file}:{node.lineno}: a relative import; write the whole name"
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            yield Import(whole if whole in modules() else str(node.module), node.lineno, typing, lazy)
    elif isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
        for statement in node.body:
            yield from _imports(module, statement, typing=True, lazy=lazy)
        for statement in node.orelse:
            yield from _imports(module, statement, typing=typing, lazy=lazy)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _imports(module, child, typing=typing, lazy=lazy)


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def offenders(of: str, *never: str, but: tuple[str, ...] = ()) -> list[str]:
    """Where a module in package `of` imports from `never`, outside the modules `but`."""
    return [
        module.at(found)
        for module in modules().values()
        if within(module.name, of) and module.name not in but
        for found in imports(module)
        if within(found.name, *never)
    ]


def told(rule: str, found: list[str]) -> str:
    return "\n  ".join([f"{rule}:", *found])


def layer(part: str) -> int:
    known = [height for height, parts in enumerate(LAYERS) if part in parts]
    assert known, f"stitchhouse/{part} stands in no layer: add it to LAYERS in {Path(__file__).name}"
    return known[0]


def test_the_packages_are_found() -> None:
    """Each of our packages has modules that the other tests look at."""
    missing = [package for package in OURS if not any(module.package == package for module in modules().values())]
    assert not missing, f"no modules in {missing} under {ROOT}"


def test_the_engine_is_layered() -> None:
    """A module of the engine imports from its own layer and from those below, for types too."""
    found = [
        module.at(imported)
        for module in modules().values()
        if module.package == "stitchhouse" and module.name != "stitchhouse"
        for imported in imports(module)
        if within(imported.name, "stitchhouse") and imported.name != "stitchhouse"
        if layer(imported.name.split(".")[1]) > layer(module.name.split(".")[1])
    ]
    assert not found, told("imports from a higher layer", found)


def test_the_engine_knows_no_api_and_no_terminal() -> None:
    """The engine imports none of our other packages."""
    found = offenders("stitchhouse", "sources", "pipelines", "sandbox", "sinks", "warehouse", "tests", "bench")
    assert not found, told("the engine imports from above", found)


def test_the_pure_part_of_the_engine_knows_no_dlt() -> None:
    """Walks, HTTP and typed tables work without dlt."""
    found = [line for part in sorted(WITHOUT_DLT) for line in offenders(f"stitchhouse.{part}", "dlt")]
    assert not found, told("only what makes resources knows dlt", found)


def test_one_module_opens_connections() -> None:
    """Nothing but stitchhouse/http.py sends requests, and body.py reads what comes, so their limits hold for all."""
    found = [
        line
        for package in ("stitchhouse", "sources", "pipelines")
        for line in offenders(package, *NETWORK, but=("stitchhouse.http", "stitchhouse.body"))
    ]
    found += offenders("sandbox", "requests")
    assert not found, told("only stitchhouse/http.py opens connections", found)


def test_one_module_makes_resources() -> None:
    """`dlt.resource` is written in stitchhouse/resource.py alone."""
    found = []
    for module in modules().values():
        for node in ast.walk(tree(module.path)):
            of_dlt = isinstance(node, ast.Attribute) and ast.unparse(node) == "dlt.resource"
            by_name = isinstance(node, ast.ImportFrom) and within(node.module or "", "dlt")
            if of_dlt or (by_name and any(alias.name == "resource" for alias in getattr(node, "names", ()))):
                found.append(f"{module.file}:{getattr(node, 'lineno', 0)}")
    assert found, "dlt.resource is called nowhere: this test looks for the wrong thing"
    others = [place for place in found if not place.startswith("stitchhouse/resource.py:")]
    assert not others, told("dlt.resource belongs to stitchhouse/resource.py", others)


def test_sources_know_neither_the_runner_nor_each_other() -> None:
    """A source imports the engine and itself."""
    found = offenders("sources", "pipelines", "sandbox", "sinks", "warehouse", "tests", "bench")
    for api in APIS:
        others = [f"sources.{other}" for other in APIS if other != api]
        found += offenders(f"sources.{api}", *others)
    assert not found, told("a source imports what it must not know", found)


def test_the_sandbox_shares_nothing_with_us() -> None:
    """The sandbox imports nothing of ours: a stand-in made from our own table would agree with its mistakes."""
    found = offenders("sandbox", "stitchhouse", "sources", "pipelines", "sinks", "warehouse", "tests", "bench")
    assert not found, told("the sandbox imports ours", found)


def test_the_product_has_no_test_mode() -> None:
    """Only a command of pipelines imports the sandbox, and only when it runs."""
    found = offenders("stitchhouse", "sandbox") + offenders("sources", "sandbox")
    for module in modules().values():
        if module.package == "pipelines":
            early = (one for one in imports(module) if not one.lazy and not one.typing)
            found += [module.at(one) for one in early if within(one.name, "sandbox")]
    assert not found, told("the sandbox is imported outside a function of pipelines", found)


def test_help_needs_no_dlt() -> None:
    """What the command line imports to start leads neither to dlt nor to pyarrow."""
    reached, left = set(), ["pipelines.cli"]
    found = []
    while left:
        name = left.pop()
        if name in reached or name not in modules():
            continue
        reached.add(name)
        left += [name.rpartition(".")[0]]
        for one in imports(modules()[name]):
            if not one.lazy and not one.typing:
                left.append(one.name)
                found += [modules()[name].at(one)] if within(one.name, "dlt", "pyarrow") else []
    assert not found, told("stitchhouse --help would wait for it", found)


def test_no_import_cycles() -> None:
    """No two modules need each other, not even inside functions."""
    graph = {
        module.name: {one.name for one in imports(module) if not one.typing and one.name in modules()}
        for module in modules().values()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        message = f"import cycle: {' <- '.join(error.args[1])}"
        raise AssertionError(message) from None


def test_files_are_short() -> None:
    """A module is read in one sitting; one that declares an API may be longer, and holds nothing that runs in steps."""
    found = []
    for module in modules().values():
        lines = len(module.path.read_text(encoding="utf-8").splitlines())
        limit = LONGEST_WITH_REASON if module.file in LONGER else LONGEST
        if module.file in DECLARATIONS:
            steps = [node for node in ast.walk(tree(module.path)) if isinstance(node, ast.For | ast.While | ast.Try)]
            found += [
                f"{module.file}:{node.lineno} is no declaration, and the file has {lines} lines" for node in steps
            ]
        elif lines > limit:
            found.append(f"{module.file} has {lines} lines, {limit} are allowed")
        elif module.file in LONGER and lines <= LONGEST:
            found.append(f"{module.file} has {lines} lines and needs no exception")
    excepted = (*LONGER, *DECLARATIONS)
    found += [f"{file} is excepted but does not exist" for file in excepted if not (ROOT / file).is_file()]
    assert not found, told("too long, split by what a reader looks for", found)
