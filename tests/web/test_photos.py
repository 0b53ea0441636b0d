"""Photos that go with a statement: made smaller in the browser, without what a camera wrote."""

from base64 import b64decode
from typing import Final

from playwright.async_api import Page

from tests.web.asking import SAID, WAIT_MS
from tests.web.axe import violations
from tests.web.conftest import Visit
from tests.web.courthouse import Courthouse, keep_time
from tests.web.receipts import open_link

PLACE: Final = b"GPS 52.5200 N 13.4050 E, SN 0815-CANARY"  # what a camera writes
BYTES_MAX: Final = 220_000
SIDE_MAX: Final = 1_600  # pixels
# A photo with much in it, as a camera gives it: a JPEG of some megabytes.
CAMERA: Final = """async ([width, height]) => {
  const canvas = new OffscreenCanvas(width, height);
  const pencil = canvas.getContext("2d");
  const pixels = pencil.createImageData(width, height);
  let state = 1;
  for (let at = 0; at < pixels.data.length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pixels.data[at] = at % 4 === 3 ? 255 : ((at / 4) % width) / width * 160 + (state >>> 26);
  }
  pencil.putImageData(pixels, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
  let text = "";
  for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte);
  return btoa(text);
}"""
SIZE: Final = """async (data) => {
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
  return [picture.width, picture.height];
}"""


async def photo(page: Page, width: int, height: int) -> bytes:
    """A JPEG with an EXIF segment that says where it was taken."""
    made = b64decode(await page.evaluate(CAMERA, [width, height]))
    exif = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0" + PLACE
    length = (len(exif) + 2).to_bytes(2, "big")
    return made[:2] + b"\xff\xe1" + length + exif + made[2:]


async def test_photos_are_small_and_say_nothing_of_their_camera(
    visit: Visit, court: Courthouse, viewport: dict[str, int]
) -> None:
    posted = court.record()
    page, watch = await visit(
        viewport=viewport, origin=court.service.base_url, secrets=(posted.secret,)
    )
    await keep_time(page, court)  # other tests moved it on, by months
    await open_link(page, posted.link)
    large, small = await photo(page, 3_000, 2_000), await photo(page, 64, 48)
    assert len(large) > 5 * BYTES_MAX
    assert len(small) < BYTES_MAX
    files = [
        {"name": name, "mimeType": "image/jpeg", "buffer": body}
        for name, body in (("IMG_0001.JPEG", large), ("badge.jpg", small))
    ]
    files.append({"name": "a.txt", "mimeType": "text/plain", "buffer": b"as it is"})

    await page.locator("#contest").click()
    await page.get_by_text("lose what your camera wrote").wait_for()
    await page.get_by_label("What should the reviewer know?").fill(SAID)
    await page.set_input_files("#files", files)  # type: ignore[arg-type]
    await page.get_by_role("button", name="See what will be sent").click()
    await page.get_by_text("badge.jpg").wait_for(timeout=WAIT_MS)
    assert await violations(page) == []
    await page.get_by_role("button", name="Send it").click()
    found = page.locator("[data-contest]")
    await found.wait_for(timeout=WAIT_MS)
    name = await found.get_attribute("data-contest")
    assert name is not None

    sent = court.reviewer.attachments(name)
    assert [one["name"] for one in sent] == ["IMG_0001.jpg", "badge.jpg", "a.txt"]
    assert [one["type"] for one in sent] == ["image/jpeg"] * 2 + ["text/plain"]
    *photos, text = [b64decode(one["data"]) for one in sent]
    for body in photos:
        assert body.startswith(b"\xff\xd8\xff")
        assert len(body) <= BYTES_MAX
        assert b"Exif" not in body
        assert b"CANARY" not in body
    assert text == b"as it is"
    width, height = await page.evaluate(SIZE, sent[0]["data"])
    assert max(width, height) <= SIDE_MAX
    assert abs(width / height - 1.5) < 0.01
    assert await page.evaluate(SIZE, sent[1]["data"]) == [64, 48]
    await watch.check(page)
