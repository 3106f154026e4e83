"""Stitch Labs: POST for everything, text for everything."""
