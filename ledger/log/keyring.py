"""The key files of one ledger: the log's key, the vault's keys, the released head.

    KEYS_DIR/<ledger>/log.key          the signed-note key that signs checkpoints
                      index.key        32 bytes: handles, retries, fingerprints
                      kek/<epoch>.key  32 bytes each: wrap the secrets in the vault
                      released         the newest head ever released
                      erased           ids of erased decisions; a restore erases them again

Every file is 0600 in folders of 0700 and is written once, whole, before its name
exists. The database and its backups never hold any of them: keep a copy elsewhere.
"""

import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ledger.canonical import format_base64url, parse_base64url
from ledger.clock import Clock, SystemClock
from ledger.errors import FatalError, MalformedError
from ledger.log.vault import Vault

KEY_BYTES: Final = 32


def write_private(path: Path, data: bytes) -> None:
    """Create `path` with `data`, 0600, durable, all of it or nothing.

    Made by root in a folder of another user's, it is that user's: the service must be
    able to read what an administrator's command has made.

    Raises:
        FatalError: it exists already, or the folder cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            owner = path.parent.stat()
            if os.geteuid() == 0 and owner.st_uid != 0:
                os.fchown(file, owner.st_uid, owner.st_gid)
            os.write(file, data)
            os.fsync(file)
        finally:
            os.close(file)
        try:
            os.link(draft, path)  # fails where the name exists; rename would replace it
        finally:
            draft.unlink()
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise FatalError(f"cannot write {path}: {error.strerror}") from error


def read_private(path: Path) -> bytes:
    """The bytes of a key file.

    Raises:
        FatalError: missing, or readable by anybody but its owner.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise FatalError(f"{path} can be read by others: chmod 600 {path}")
            return file.read()
    except OSError as error:
        raise FatalError(
            f"cannot read the key file {path} ({error.strerror}): bring it back from "
            "the copy you keep elsewhere"
        ) from error


class Keyring:
    """The key folder of one ledger."""

    def __init__(self, folder: Path) -> None:
        """`folder`: KEYS_DIR/<ledger>."""
        self.folder = folder

    @property
    def released_path(self) -> Path:
        """Where the newest released head is kept."""
        return self.folder / "released"

    def create(self, signer: str) -> None:
        """Write a new ledger's keys; `signer` is the log's private note key.

        `log.key` comes last: where it is, the others are. What a crash left before it
        has wrapped nothing yet, and is kept.

        Raises:
            FatalError: keys of this name exist already: they are never replaced.
        """
        index_key = self.folder / "index.key"
        if not index_key.exists():
            write_private(index_key, _format(secrets.token_bytes(KEY_BYTES)))
        if not self.epochs():
            self.add_wrapping_key(1)
        write_private(self.folder / "log.key", signer.encode() + b"\n")

    @property
    def erased_path(self) -> Path:
        """Where the ids of erased decisions are kept."""
        return self.folder / "erased"

    def has_released(self) -> bool:
        """Whether these keys ever released a head."""
        try:
            return self.released_path.stat().st_size > 0
        except FileNotFoundError:
            return False

    def signer(self) -> str:
        """The log's private note key, in its text form."""
        return read_private(self.folder / "log.key").decode().strip()

    def epochs(self) -> list[int]:
        """The epochs of the key encryption keys at hand, in order."""
        names = (path.stem for path in (self.folder / "kek").glob("*.key"))
        return sorted(int(name) for name in names if name.isdecimal())

    def made_s(self, epoch: int) -> float | None:
        """When a key's file was made, in seconds since 1970; None where it is gone.

        The file is written once, so its time stands as long as copies keep it; one that
        does not makes the key younger, and lives longer.
        """
        try:
            return (self.folder / "kek" / f"{epoch}.key").stat().st_mtime
        except FileNotFoundError:
            return None

    def add_wrapping_key(self, epoch: int) -> None:
        """Write a new random key encryption key.

        Raises:
            FatalError: that epoch exists.
        """
        path = self.folder / "kek" / f"{epoch}.key"
        write_private(path, _format(secrets.token_bytes(KEY_BYTES)))

    def destroy_wrapping_key(self, epoch: int) -> None:
        """Overwrite and remove a key encryption key; what it wraps is gone for good."""
        path = self.folder / "kek" / f"{epoch}.key"
        with path.open("r+b") as file:
            file.write(b"\0" * path.stat().st_size)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def wrapping_keys(self, known: Mapping[int, bytes]) -> dict[int, bytes]:
        """Epoch → key of every readable key file; those in `known` are not read again.

        An unreadable one is left out: a running service goes on with what it has.
        """
        found: dict[int, bytes] = {}
        for epoch in self.epochs():
            try:
                found[epoch] = known.get(epoch) or self._wrapping_key(epoch)
            except FatalError:
                continue
        return found

    def _wrapping_key(self, epoch: int) -> bytes:
        return _parse(self.folder / "kek" / f"{epoch}.key")

    def vault(self, clock: Clock | None = None, *, follows: bool = True) -> Vault:
        """The vault with every key at hand; `follows` the key files from then on.

        Raises:
            FatalError: a key file is missing, unreadable or not a key.
        """
        keys = {epoch: self._wrapping_key(epoch) for epoch in self.epochs()}
        if not keys:
            raise FatalError(
                f"no key encryption key in {self.folder / 'kek'}: bring them back from "
                "the copy you keep elsewhere"
            )
        return Vault(
            index_key=_parse(self.folder / "index.key"),
            wrapping_keys=keys,
            read_keys=self.wrapping_keys if follows else None,
            clock=clock or SystemClock() if follows else None,
        )


def _format(key: bytes) -> bytes:
    return format_base64url(key).encode() + b"\n"


def _parse(path: Path) -> bytes:
    try:
        return parse_base64url(read_private(path).decode().strip(), length=KEY_BYTES)
    except (MalformedError, UnicodeDecodeError) as error:
        raise FatalError(f"{path} does not hold a 32-byte key") from error
