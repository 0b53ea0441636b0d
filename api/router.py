"""Finds the operation of a path: a small tree of segments, built once at start.

    /{ledger}/v1/decisions/{id}     {} matches one segment
    /{ledger}/tile/{path+}          {…+} matches the rest, one segment or more
    /{ledger}/                      a slash at the end is a segment of its own, empty

A literal segment wins over a parameter, so `/health/live` is never a ledger's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar
from urllib.parse import unquote

T = TypeVar("T")
PATHS_CACHED_MAX = 512  # paths; most requests ask for one of very few
SEGMENTS_MAX = 24  # segments of a path; a tile's path has at most about ten


@dataclass(slots=True)
class _Node(Generic[T]):
    literal: "dict[str, _Node[T]]" = field(default_factory=dict)
    parameter: "tuple[str, _Node[T]] | None" = None
    rest: "tuple[str, _Node[T]] | None" = None
    methods: dict[str, T] = field(default_factory=dict)


class Router(Generic[T]):
    """Maps (method, path) to what was added for it."""

    def __init__(self) -> None:
        """An empty router."""
        self._root: _Node[T] = _Node()

    def add(self, method: str, template: str, target: T) -> None:
        """Add `target` for a method and a path template."""
        node = self._root
        for segment in template[1:].split("/"):
            if segment.endswith("+}"):
                name = segment[1:-2]
                node.rest = node.rest or (name, _Node())
                node = node.rest[1]
            elif segment.startswith("{"):
                node.parameter = node.parameter or (segment[1:-1], _Node())
                node = node.parameter[1]
            else:
                node = node.literal.setdefault(segment, _Node())
        node.methods[method] = target

    @lru_cache(maxsize=PATHS_CACHED_MAX)  # noqa: B019 -- one router lives as long as all
    def find(self, path: str) -> tuple[Mapping[str, T], dict[str, str]] | None:
        """(targets by method, parameters) of a path as sent, or None; shared: read only."""
        segments = path[1:].split("/")
        if len(segments) > SEGMENTS_MAX:
            return None
        if "%" in path:
            segments = [unquote(segment) for segment in segments]
        node, parameters = self._root, {}
        for place, segment in enumerate(segments):
            if (child := node.literal.get(segment)) is not None:
                node = child
            elif node.parameter is not None and segment:
                parameters[node.parameter[0]] = segment
                node = node.parameter[1]
            elif node.rest is not None:
                parameters[node.rest[0]] = "/".join(segments[place:])
                node = node.rest[1]
                break
            else:
                return None
        return (node.methods, parameters) if node.methods else None
