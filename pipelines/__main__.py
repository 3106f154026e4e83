"""`python -m pipelines` is `stitchhouse`."""

from pipelines.cli import main

# dlt may start worker processes, which import this module again.
if __name__ == "__main__":
    main()
