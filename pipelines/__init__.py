"""Running it: the commands, the load, and what is shown of it. Knows dlt pipelines and the terminal."""
