"""Static files over HTTP: from a table, with types, tags, and compressed in advance."""

import gzip
from collections.abc import Iterator
from importlib.resources import files

import pytest

from api.web.files import TYPES, StaticFiles, static_file
from tests.world.service import Service


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


def test_every_file_of_the_package_is_served_as_it_is(service: Service) -> None:
    paths = StaticFiles().paths
    assert {"/static/site.css", "/static/locale/ar/site.json"} <= paths

    for path in paths:
        answer = service.get(path)
        name = path.removeprefix("/static/")
        below = name if name.startswith("locale/") else f"static/{name}"
        assert answer.status == 200
        assert answer.body == (files("api") / "web" / below).read_bytes()
        assert answer.headers["Content-Type"] == TYPES["." + path.rpartition(".")[2]]
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_a_client_has_is_not_sent_again(service: Service) -> None:
    path = "/static/site.css"
    tag = service.get(path).headers["ETag"]

    for tags in (tag, f'"other", {tag}', f"W/{tag}"):
        again = service.get(path, headers={"If-None-Match": tags})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == tag
    assert service.get(path, headers={"If-None-Match": '"other"'}).status == 200


@pytest.mark.parametrize("accepted", ["gzip", "deflate, gzip;q=0.5", "*"])
def test_compressed_for_who_takes_it(service: Service, accepted: str) -> None:
    path = "/static/site.css"
    plain = service.get(path)
    small = service.get(path, headers={"Accept-Encoding": accepted})

    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]
    assert small.headers["ETag"] != plain.headers["ETag"]
    assert gzip.decompress(small.body) == plain.body
    assert len(small.body) * 2 < len(plain.body)


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.0, br"])
def test_plain_for_who_does_not(service: Service, accepted: str) -> None:
    answer = service.get("/static/site.css", headers={"Accept-Encoding": accepted})

    assert "Content-Encoding" not in answer.headers
    assert answer.body.startswith(b"/*")


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/nothing.css",
        "/static/../pages.py",
        "/static/%2e%2e/pages.py",
        "/static/locale/en",
        "/static/locale/xx/site.json",
        "/static/" + "a/" * 20,
    ],
)
def test_nothing_else_is_reachable(service: Service, path: str) -> None:
    assert service.get(path).status == 404


def test_what_would_grow_is_not_compressed() -> None:
    assert static_file("a.js", b"1").zipped is None
    assert static_file("a.js", b"let a = 1;\n" * 100).zipped is not None
    with pytest.raises(KeyError):
        static_file("a.exe", b"")
