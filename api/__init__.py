"""The service: aiohttp, the command line, the demo."""

__version__ = "0.1.0"
