import pytest
from hypothesis import given, settings, strategies as st

from ledger.errors import MalformedError, VerificationError
from ledger.ids import Hash, TreeSize
from ledger.limits import TREE_SIZE_MAX
from ledger.merkle.bundle import parse_bundle
from ledger.merkle.checkpoint import (
    Checkpoint,
    format_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from ledger.merkle.cosignature import cosign
from ledger.merkle.frontier import Frontier, extend
from ledger.merkle.hashing import EMPTY_ROOT, hash_leaf
from ledger.merkle.note import (
    Note,
    Signature,
    format_note,
    parse_note,
    parse_vkey,
    sign,
    signer_key,
)
from tests.merkle.vectors import TESSERA, TESSERA_VKEY, read

LOG = signer_key("localhost/commons", bytes(32))
OTHER = signer_key("localhost/commons", bytes(31) + b"\x01")
WITNESS = signer_key("witness.example/w1", bytes(31) + b"\x02", 0x04)
ROOT = hash_leaf(b"")
HEAD = Checkpoint(origin="localhost/commons", size=TreeSize(1), root=ROOT)
SIGNED = sign_checkpoint(LOG, HEAD)

lines = st.text(
    st.characters(
        exclude_categories=["Cs"], exclude_characters="".join(map(chr, range(32)))
    ),
    min_size=1,
    max_size=30,
)
checkpoints = st.builds(
    Checkpoint,
    origin=lines,
    size=st.integers(0, TREE_SIZE_MAX).map(TreeSize),
    root=st.binary(min_size=32, max_size=32).map(Hash),
    extensions=st.lists(lines, max_size=3).map(tuple),
)


@given(checkpoints)
def test_checkpoints_come_back(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


def test_the_specifications_example() -> None:
    note = parse_note(
        read("c2sp-examples.json")["cosigned_checkpoint_format_example"].encode()
    )
    checkpoint = parse_checkpoint(note.text)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20_852_163
    assert format_checkpoint(checkpoint) == note.text


@pytest.mark.parametrize("number", [*map(str, range(16)), None])
def test_tesseras_log(number: str | None) -> None:
    """Every published checkpoint: its signature, and its root over the entries."""
    name = "checkpoint" if number is None else f"checkpoint.{number}"
    vkey = parse_vkey(TESSERA_VKEY)
    checkpoint, verified = open_checkpoint((TESSERA / name).read_bytes(), [vkey])
    size = 15 if number is None else int(number)
    assert checkpoint.size == size
    assert [(seen.vkey, seen.time_s) for seen in verified] == [(vkey, None)]
    leaves, tile = [], b""
    if size:
        entries = (TESSERA / f"tile/entries/000.p/{size}").read_bytes()
        leaves = [hash_leaf(leaf) for leaf in parse_bundle(entries)]
        tile = (TESSERA / f"tile/0/000.p/{size}").read_bytes()
    assert b"".join(leaves) == tile
    assert extend(Frontier.EMPTY, leaves).root == checkpoint.root


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("two lines", b"a\n1\n"),
        ("no last newline", b"a\n1\n%b" % (b"A" * 43 + b"=")),
        ("an empty origin", b"\n1\n%b\n" % (b"A" * 43 + b"=")),
        ("a leading zero", b"a\n01\n%b\n" % (b"A" * 43 + b"=")),
        ("a sign", b"a\n+1\n%b\n" % (b"A" * 43 + b"=")),
        ("other digits", "a\n١\n".encode() + b"A" * 43 + b"=\n"),
        ("too large", b"a\n9223372036854775808\n%b\n" % (b"A" * 43 + b"=")),
        ("far too large", b"a\n%b\n%b\n" % (b"9" * 5000, b"A" * 43 + b"=")),
        ("a short root", b"a\n1\nAAAA\n"),
        ("stray bits in the root", b"a\n1\n%b\n" % (b"A" * 42 + b"B=")),
        ("an empty extension", b"a\n1\n%b\n\nx\n" % (b"A" * 43 + b"=")),
        ("not UTF-8", b"\xff\n1\n%b\n" % (b"A" * 43 + b"=")),
    ],
)
def test_other_texts_are_refused(why: str, text: bytes) -> None:
    with pytest.raises(MalformedError):
        pytest.fail(f"{why}: {parse_checkpoint(text)}")


def test_a_checkpoint_is_opened_with_its_logs_key_only() -> None:
    assert open_checkpoint(SIGNED, [LOG.vkey])[0] == HEAD
    assert open_checkpoint(SIGNED, [OTHER.vkey, LOG.vkey])[0] == HEAD
    for vkeys in ([], [OTHER.vkey], [WITNESS.vkey]):
        with pytest.raises(VerificationError):
            open_checkpoint(SIGNED, vkeys)


@settings(max_examples=150)
@given(st.data())
def test_no_bit_of_a_checkpoint_can_change(data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, 8 * len(SIGNED) - 1))
    changed = bytearray(SIGNED)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises((VerificationError, MalformedError)):
        open_checkpoint(bytes(changed), [LOG.vkey])


def test_a_known_key_that_does_not_hold_refuses_the_whole() -> None:
    text = format_checkpoint(HEAD)
    good = sign(text, LOG)
    forged = Signature(name=OTHER.name, key_id=OTHER.key_id, data=good.data)
    data = format_note(Note(text, (good, forged)))
    assert open_checkpoint(data, [LOG.vkey])[0] == HEAD  # OTHER is unknown: ignored
    with pytest.raises(VerificationError):
        open_checkpoint(data, [LOG.vkey, OTHER.vkey])


def test_witnesses_are_seen_with_their_time_and_do_not_replace_the_log() -> None:
    text = format_checkpoint(HEAD)
    seen = cosign(WITNESS, text, 1_679_315_147)
    both = format_note(Note(text, (sign(text, LOG), seen)))
    verified = open_checkpoint(both, [LOG.vkey, WITNESS.vkey])[1]
    assert [item.time_s for item in verified] == [None, 1_679_315_147]
    alone = format_note(Note(text, (seen,)))
    with pytest.raises(VerificationError):
        open_checkpoint(alone, [LOG.vkey, WITNESS.vkey])


def test_another_origin_under_our_key_is_not_ours() -> None:
    head = Checkpoint(origin="elsewhere", size=TreeSize(1), root=ROOT)
    text = format_checkpoint(head)
    with pytest.raises(VerificationError):
        open_checkpoint(format_note(Note(text, (sign(text, LOG),))), [LOG.vkey])
    with pytest.raises(MalformedError):
        sign_checkpoint(LOG, head)


def test_extension_lines_are_others_only() -> None:
    head = Checkpoint(
        origin=HEAD.origin, size=HEAD.size, root=ROOT, extensions=("more",)
    )
    with pytest.raises(MalformedError):
        sign_checkpoint(LOG, head)
    text = format_checkpoint(head)
    data = format_note(Note(text, (sign(text, LOG),)))
    assert open_checkpoint(data, [LOG.vkey])[0] == head


def test_the_empty_log_has_the_empty_root() -> None:
    for root, held in ((EMPTY_ROOT, True), (ROOT, False)):
        head = Checkpoint(origin=HEAD.origin, size=TreeSize(0), root=root)
        data = sign_checkpoint(LOG, head)
        if held:
            assert open_checkpoint(data, [LOG.vkey])[0] == head
        else:
            with pytest.raises(VerificationError):
                open_checkpoint(data, [LOG.vkey])


def test_what_cannot_be_read_back_is_not_written() -> None:
    for origin in ("", "a\nb"):
        with pytest.raises(MalformedError):
            format_checkpoint(Checkpoint(origin=origin, size=TreeSize(1), root=ROOT))
    with pytest.raises(MalformedError):
        open_checkpoint(bytes(70_000), [LOG.vkey])
