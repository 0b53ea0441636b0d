// Reads batches of calls, a JSON line each, and writes a line of answers. See node.py and ops.mjs.
//
//   [[name, [arg, …]], …]  ->  [{"ok": value} | {"refused": class, "sentence"} | {"crash": stack}, …]

import { createInterface } from "node:readline";
import { answer } from "./wire.mjs";

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const answers = [];
  for (const call of JSON.parse(line)) answers.push(await answer(call));
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
