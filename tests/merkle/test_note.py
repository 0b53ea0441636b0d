import pytest
from hypothesis import given, settings, strategies as st

from ledger.errors import MalformedError
from ledger.merkle.note import (
    Note,
    Signature,
    format_note,
    format_signer_key,
    format_vkey,
    is_key_name,
    parse_note,
    parse_signer_key,
    parse_vkey,
    sign,
    signatures_of,
    signer_key,
    verifier_key,
    verify_ed25519,
)
from tests.merkle.vectors import FOLDER, TESSERA_VKEY, read

EXAMPLES = read("c2sp-examples.json")
SIGNER = signer_key("localhost/commons", bytes(range(32)))

names = st.text(min_size=1, max_size=30).filter(is_key_name)
signatures = st.builds(
    Signature,
    name=names,
    key_id=st.binary(min_size=4, max_size=4),
    data=st.binary(min_size=1, max_size=100),
)
lines = st.text(
    st.characters(
        exclude_categories=["Cs"], exclude_characters="".join(map(chr, range(32)))
    ),
    max_size=20,
)
texts = st.lists(lines, min_size=1, max_size=5).map(
    lambda items: "".join(item + "\n" for item in items).encode()
)


def test_the_specifications_signed_example() -> None:
    example = EXAMPLES["signed_note_example"]
    vkey = parse_vkey(example["vkey"])
    note = parse_note(example["note"].encode())
    assert note.text == b"This is an example message.\n"
    assert signatures_of(note, [vkey]) == [(vkey, note.signatures[0])]
    assert verify_ed25519(vkey, note.text, note.signatures[0])
    assert not verify_ed25519(vkey, note.text + b"\n", note.signatures[0])


@pytest.mark.parametrize(
    "name",
    [
        "note_format_only_example",
        "cosigned_checkpoint_format_example",
        "add_checkpoint_request_format_example",
    ],
)
def test_the_specifications_other_examples_come_back(name: str) -> None:
    data = EXAMPLES[name].encode()
    assert format_note(parse_note(data)) == data


def test_published_keys_come_back() -> None:
    keys = [
        line.split(" ")[1]
        for path in sorted((FOLDER / "witness-network-lists").iterdir())
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("vkey ")
    ]
    assert len(keys) == 21
    for text in [*keys, TESSERA_VKEY, EXAMPLES["signed_note_example"]["vkey"]]:
        assert format_vkey(parse_vkey(text)) == text
        changed = text[:-1] + ("A" if text[-1] != "A" else "Q")
        with pytest.raises(MalformedError):
            parse_vkey(changed)


@settings(max_examples=150)
@given(texts, st.lists(signatures, min_size=1, max_size=4))
def test_notes_come_back(text: bytes, signed: list[Signature]) -> None:
    note = Note(text, tuple(signed))
    assert parse_note(format_note(note)) == note


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_what_parses_is_what_would_be_written(data: bytes) -> None:
    try:
        note = parse_note("Ω\n\n— a ".encode() + data + b"\n")
    except MalformedError:
        return
    assert format_note(note) == "Ω\n\n— a ".encode() + data + b"\n"


SIGNED = format_note(Note(b"text\n", (sign(b"text\n", SIGNER),)))


@pytest.mark.parametrize(
    ("why", "data"),
    [
        ("empty", b""),
        ("no signature", b"text\n"),
        ("no signature line", b"text\n\n"),
        ("no last newline", SIGNED[:-1]),
        ("text after", SIGNED + b"more\n"),
        ("an empty line after", SIGNED + b"\n"),
        ("a tab", SIGNED.replace(b"text", b"te\txt")),
        ("a carriage return", SIGNED.replace(b"\n", b"\r\n")),
        ("not UTF-8", SIGNED.replace(b"text", b"\xff")),
        ("not UTF-8 in a name", SIGNED.replace(b"commons", b"\xff")),
        ("another dash", SIGNED.replace("—".encode(), b"-")),
        ("two spaces", SIGNED.replace(b" ", b"  ")),
        ("a trailing space", SIGNED[:-1] + b" \n"),
        ("a plus in a name", SIGNED.replace(b"commons ", b"com+ns ")),
        ("a Unicode space in a name", SIGNED.replace(b"/commons", "\u2003c".encode())),
        ("no name", SIGNED.replace(b"localhost/commons", b"")),
        ("only a key id", "text\n\n— a AAAAAA==\n".encode()),
        ("a base64url letter", "text\n\n— a AAAAAA-_\n".encode()),
        ("stray bits", "text\n\n— a AAAAAAB=\n".encode()),
        ("too many", b"text\n\n" + "— a AAAAAAA=\n".encode() * 101),
        ("too long", b"t" * 1_000_000 + SIGNED),
    ],
)
def test_other_bytes_are_refused(why: str, data: bytes) -> None:
    with pytest.raises(MalformedError):
        pytest.fail(f"{why}: {parse_note(data)}")


def test_a_note_that_would_be_read_otherwise_is_not_written() -> None:
    good = sign(b"text\n", SIGNER)
    bad = Signature(name="a b", key_id=bytes(4), data=b"x")
    for note in (
        Note(b"text", (good,)),
        Note(b"text\n", ()),
        Note(b"te\0xt\n", (good,)),
        Note(b"text\n", (bad,)),
    ):
        with pytest.raises(MalformedError):
            format_note(note)


@settings(max_examples=50)
@given(names, st.binary(min_size=32, max_size=32), st.sampled_from([0x01, 0x04]))
def test_keys_come_back_and_hide_their_secret(
    name: str, seed: bytes, kind: int
) -> None:
    signer = signer_key(name, seed, kind)
    text = format_signer_key(signer)
    again = parse_signer_key(text)
    assert (again.vkey, again.key.seed, again.key_id) == (
        signer.vkey,
        seed,
        signer.vkey.key_id,
    )
    assert parse_vkey(format_vkey(signer.vkey)) == signer.vkey
    assert text.split("+", 4)[4] not in repr(signer)
    assert seed.hex() not in repr(signer)


def test_other_keys_are_refused() -> None:
    text = format_signer_key(SIGNER)
    vkey = format_vkey(SIGNER.vkey)
    for bad in (
        "",
        "localhost/commons",
        vkey.replace("+", " ", 1),
        vkey.replace("commons", "com mons"),
        vkey.upper(),
        vkey[:-4],
        "+".join([*vkey.split("+")[:2], "AQ=="]),
        "+".join([*vkey.split("+")[:2], ""]),
    ):
        with pytest.raises(MalformedError):
            parse_vkey(bad)
    for bad in ("", vkey, text[:-4], text.replace("PRIVATE", "private"), text + "A"):
        with pytest.raises(MalformedError):
            parse_signer_key(bad)
    other = text.replace(SIGNER.key_id.hex(), "00000000")
    with pytest.raises(MalformedError):
        parse_signer_key(other)
    for name in ("", "a b", "a+b", "a\n", "\ud800"):
        with pytest.raises(MalformedError):
            signer_key(name, bytes(32))
        with pytest.raises(MalformedError):
            verifier_key(name, bytes(32))


def test_a_key_of_an_unknown_type_parses_and_verifies_nothing() -> None:
    vkey = verifier_key("a", b"\x01\x02\x03", 0xFF)
    assert parse_vkey(format_vkey(vkey)) == vkey
    line = Signature(name="a", key_id=vkey.key_id, data=bytes(64))
    assert not verify_ed25519(vkey, b"text\n", line)
