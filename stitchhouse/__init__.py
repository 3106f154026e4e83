"""The engine: walks that prove what they read, and typed Arrow tables for dlt. It knows no API and no destination."""

__version__ = "0.1.0"
