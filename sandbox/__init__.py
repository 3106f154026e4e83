"""Stands in for Stitch Labs and Stitchex over real HTTP, made from their references alone."""

from sandbox.errors import BadOption, BrokenHistory, PortTaken, SandboxFailed
from sandbox.running import Sandbox, running

__all__ = ["BadOption", "BrokenHistory", "PortTaken", "Sandbox", "SandboxFailed", "running"]
