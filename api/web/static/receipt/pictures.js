// Files made ready to go with a statement: photos are drawn anew on the device, smaller and without what cameras write into
// them (place, time, device); other files must fit, and go as they are.

import { toBase64 } from "../verify/bytes.js";

// A part holds base64 of the file inside base64 of its JSON: 16/9 of its bytes, below 400,000.
export const FILE_BYTES_MAX = 220_000;
export const FILES_MAX = 5;
const SIDES = [1600, 1200, 900, 640]; // pixels of the longer side, tried in turn
const QUALITY = 0.8;

// The photo as a JPEG that fits; null where this browser cannot open it, or it fits in no size.
async function drawnAnew(file) {
  const picture = await createImageBitmap(file);
  for (const side of SIDES) {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const pencil = canvas.getContext("2d");
    pencil.fillStyle = "#fff"; // a JPEG has nothing transparent
    pencil.fillRect(0, 0, canvas.width, canvas.height);
    pencil.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const made = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
    if (made && made.size <= FILE_BYTES_MAX) return made;
  }
  return null;
}

// {name, type, data} for a part; null where the file is too large and cannot be made smaller.
export async function readAttachment(file) {
  const drawn = file.type.startsWith("image/") ? await drawnAnew(file).catch(() => null) : null;
  const blob = drawn ?? file;
  if (blob.size > FILE_BYTES_MAX) return null;
  const name = drawn ? `${file.name.replace(/\.[a-z0-9]{1,5}$/i, "")}.jpg` : file.name;
  const type = /^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(blob.type) ? blob.type : "application/octet-stream";
  const data = toBase64(new Uint8Array(await blob.arrayBuffer()));
  return { name: [...name].slice(-200).join("") || "file", type, data };
}
