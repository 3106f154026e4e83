"""The dlt source that both APIs are."""

from __future__ import annotations

from dlt.extract import DltSource

from stitchhouse.errors import UsageError


class Source(DltSource):
    """Tells of which dataset a table is, where a table is asked for as if it were one."""

    def with_resources(self, *resource_names: str) -> DltSource:
        """Raises `UsageError` for a table; dlt's own error names the datasets where there is no such table either."""
        for name in resource_names:
            table = self.schema.tables.get(name)
            if table is not None and name not in self.resources and "resource" in table:
                raise UsageError(f"{name} is a table of {self.name}.{table['resource']}; ask for that dataset")
        return super().with_resources(*resource_names)
