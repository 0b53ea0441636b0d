"""The bench must be able to say no: claims, the load generator, the bare yardstick."""

import subprocess
import sys

import pytest

from bench.bare import listen
from bench.load import RefusedError, Source, content_length, summary
from bench.table import Better, Claim, number
from tests.world.service import ROOT


def claim(measured: float, better: Better) -> Claim:
    return Claim(what="x", measured=measured, least=2.0, aim=2.0, better=better)


@pytest.mark.parametrize(
    ("measured", "better", "met"),
    [
        (2.0, Better.MORE, True),
        (1.99, Better.MORE, False),
        (2.0, Better.LESS, True),
        (2.01, Better.LESS, False),
    ],
)
def test_a_claim_is_met_on_the_right_side_of_its_bound(
    measured: float, better: Better, met: bool
) -> None:
    assert claim(measured, better).met is met


def test_a_verdict_tells_met_from_the_aim_and_from_failure() -> None:
    def verdict(measured: float) -> str:
        return Claim(
            what="x", measured=measured, least=2, aim=3, better=Better.MORE
        ).verdict

    assert [verdict(1), verdict(2), verdict(3)] == ["NOT MET", "met", "aim reached"]


def test_numbers_are_short_and_carry_their_unit() -> None:
    assert number(5210.4, "/s") == "5,210 /s"
    assert number(0.31234, "") == "0.312"


def source(weight: int, want: bytes) -> Source:
    return Source([], weight, want)


def test_an_answer_that_is_not_201_is_never_counted() -> None:
    single = source(1, b"HTTP/1.1 201 ")

    single.check(b"HTTP/1.1 201 Created\r\n", b"{}")
    for status in (b"200 OK", b"202 Accepted", b"503 Busy"):
        with pytest.raises(RefusedError):
            single.check(b"HTTP/1.1 " + status + b"\r\n", b"{}")


def test_a_batch_with_one_refused_or_missing_line_is_never_counted() -> None:
    batch = source(2, b"HTTP/1.1 200 ")
    head, good, bad = (
        b"HTTP/1.1 200 OK\r\n",
        b'{"status":201,"id":1}',
        b'{"status":422}',
    )

    batch.check(head, good + b"\n" + good + b"\n")
    for body in (good + b"\n" + bad + b"\n", good, b""):
        with pytest.raises(RefusedError):
            batch.check(head, body)


def test_no_answer_at_all_is_not_a_rate() -> None:
    with pytest.raises(RefusedError):
        summary(source(1, b""), 1.0)


def test_content_length_is_read_whatever_its_case_and_required() -> None:
    assert content_length(b"HTTP/1.1 201\r\ncontent-length: 12") == 12
    with pytest.raises(RefusedError):
        content_length(b"HTTP/1.1 201\r\nTransfer-Encoding: chunked")


def test_two_workers_may_listen_on_one_port() -> None:
    first = listen(0)
    second = listen(first.getsockname()[1])

    assert first.getsockname() == second.getsockname()
    first.close()
    second.close()


def test_the_bare_handler_answers_the_load_generator() -> None:
    command = [sys.executable, "-m", "bench.bare"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().removeprefix("ready ").strip()
        arguments = ["single", url, "token", "--connections", "4"]
        more = ["--seconds", "1", "--requests", "50"]
        done = subprocess.run(
            [sys.executable, "-m", "bench.load", *arguments, *more],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
            timeout=60,
        )
        server.terminate()

    assert done.returncode == 0, done.stderr
    assert '"done": 50,' in done.stdout
