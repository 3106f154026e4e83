"""Stands in for Stitch Labs and Stitchex over real HTTP, made from their references alone."""

from sandbox.running import Sandbox, SandboxFailed, running

__all__ = ["Sandbox", "SandboxFailed", "running"]
