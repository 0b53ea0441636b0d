"""A true log, then one lie in its tiles or bundles at a time: caught, placed, and told."""

from pathlib import Path

import pytest

from ledger.merkle.bundle import format_bundle, parse_bundle
from tests.audit.world import (
    Log,
    changed,
    edit_bundle,
    indexes,
    kinds,
    look,
    publish_tree,
    told,
    true_log,
    write,
)

SIZE = 603  # two full bundles and one of 91


async def test_a_true_log_holds(tmp_path: Path) -> None:
    log = true_log()
    log.publish(tmp_path)
    report = await look(tmp_path)
    assert told(report) == []
    assert report.held
    assert report.size == SIZE == report.counts["entries"]
    assert report.counts["decisions"] == 600
    assert report.counts["states"] == 1
    assert report.counts["tiles"] == 4
    assert report.notes == []


@pytest.mark.parametrize("decisions", [0, 1, 253, 254, 509])
async def test_true_logs_of_other_sizes_hold(tmp_path: Path, decisions: int) -> None:
    true_log(decisions).publish(tmp_path)
    assert told(await look(tmp_path)) == []


async def test_tiles_that_were_completed_meanwhile_are_cut(tmp_path: Path) -> None:
    """The checkpoint is older than the tiles: partial ones are gone, full ones there."""
    log = true_log()
    publish_tree(tmp_path, log.leaves[:300])
    publish_tree(tmp_path, log.leaves)
    for path in ("tile/0/001.p/44", "tile/entries/001.p/44"):
        (tmp_path / path).unlink()
    write(tmp_path, "checkpoint", Log(log.leaves[:300]).checkpoint())
    assert told(await look(tmp_path)) == []


@pytest.mark.parametrize(("index", "path"), [(300, "001"), (600, "002.p/91")])
async def test_a_changed_leaf(tmp_path: Path, index: int, path: str) -> None:
    log = true_log()
    log.publish(tmp_path)
    edit_bundle(tmp_path, path, index % 256, changed(log.leaves[index]))
    report = await look(tmp_path)
    assert told(report)[-1] == (
        f"entry {index} is not what the checkpoint signed: whoever holds its receipt "
        "can prove it"
    )
    assert indexes(report, "entry") == [index]
    assert not report.held


async def test_a_changed_leaf_with_its_tile(tmp_path: Path) -> None:
    """The tile agrees with the lie; the tile above does not."""
    log = true_log()
    log.publish(tmp_path)
    log.leaves[300] = changed(log.leaves[300])
    lie = tmp_path / "lie"
    publish_tree(lie, log.leaves)
    for path in ("tile/entries/001", "tile/0/001"):
        write(tmp_path, path, (lie / path).read_bytes())
    report = await look(tmp_path)
    assert "among entries 256 to 511 at least one is not what" in told(report)[-1]


async def test_a_changed_leaf_with_every_tile(tmp_path: Path) -> None:
    """Everything agrees with the lie but the signed root."""
    log = true_log()
    log.publish(tmp_path)
    log.leaves[300] = changed(log.leaves[300])
    publish_tree(tmp_path, log.leaves)
    report = await look(tmp_path)
    assert kinds(report)[-1] == "root"
    assert "was changed, dropped or added" in told(report)[-1]


async def test_a_dropped_leaf(tmp_path: Path) -> None:
    log = true_log()
    log.publish(tmp_path)
    file = tmp_path / "tile/entries/001"
    leaves = parse_bundle(file.read_bytes())
    file.write_bytes(format_bundle(leaves[:40] + leaves[41:]))
    report = await look(tmp_path)
    (sentence,) = told(report)
    assert sentence == (
        "the bundle of entries 256 to 511 cannot be read (it holds 255 entries where 256 "
        "are signed): these entries are signed, and withheld"
    )
    assert "not every entry could be read" in report.notes[0]


async def test_a_dropped_leaf_and_the_rest_moved_up(tmp_path: Path) -> None:
    log = true_log()
    log.publish(tmp_path)
    moved = log.leaves[:300] + log.leaves[301:] + [log.leaves[-1]]
    lie = tmp_path / "lie"
    publish_tree(lie, moved)
    for path in ("tile/entries/001", "tile/entries/002.p/91"):
        write(tmp_path, path, (lie / path).read_bytes())
    report = await look(tmp_path)
    # The last leaf stands twice now, so the last place is as signed.
    assert "entries 300 to 601 are not what the checkpoint signed" in "".join(
        told(report)
    )
    assert "seq" in kinds(report)


async def test_swapped_leaves(tmp_path: Path) -> None:
    log = true_log()
    log.publish(tmp_path)
    edit_bundle(tmp_path, "000", 10, log.leaves[20])
    edit_bundle(tmp_path, "000", 20, log.leaves[10])
    report = await look(tmp_path)
    assert indexes(report, "entry") == [10, 20]
    assert 10 in indexes(report, "seq")


async def test_a_truncated_bundle(tmp_path: Path) -> None:
    true_log().publish(tmp_path)
    file = tmp_path / "tile/entries/002.p/91"
    file.write_bytes(file.read_bytes()[:-5])
    report = await look(tmp_path)
    assert "cut short after 90 leaves" in told(report)[0]


async def test_a_missing_bundle_and_its_tile(tmp_path: Path) -> None:
    true_log().publish(tmp_path)
    (tmp_path / "tile/entries/001").unlink()
    assert kinds(await look(tmp_path)) == ["bundle"]
    (tmp_path / "tile/0/001").unlink()
    report = await look(tmp_path)
    assert kinds(report) == ["bundle", "tile"]
    assert not report.complete


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("tile/0/001", "tile/0/001 is not the hashes of entry 258, which"),
        ("tile/1/000.p/2", "tile/1/000 is not the hashes of entries 0 to 255, which"),
    ],
)
async def test_a_wrong_tile(tmp_path: Path, path: str, sentence: str) -> None:
    true_log().publish(tmp_path)
    file = tmp_path / path
    data = bytearray(file.read_bytes())
    data[70 if path.startswith("tile/0") else 5] ^= 1
    file.write_bytes(bytes(data))
    report = await look(tmp_path)
    assert kinds(report) == ["tile"]
    assert told(report)[0].startswith(sentence)


@pytest.mark.parametrize("cut", [0, 31, 32])
async def test_a_missing_or_short_tile(tmp_path: Path, cut: int) -> None:
    true_log().publish(tmp_path)
    file = tmp_path / "tile/1/000.p/2"
    file.write_bytes(file.read_bytes()[:cut])
    report = await look(tmp_path)
    (sentence,) = told(report)
    assert sentence == (
        "tile/1/000.p/2 is not served, or is not 2 hashes: nobody can prove an entry "
        "through it"
    )
