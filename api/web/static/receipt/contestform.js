// "Ask a person to look again": ground, words, files; then what will be sent, to whom; then it is sent.

import { button, field, fold, foreign, h, writtenIn } from "../dom.js";
import { GROUNDS } from "../verify/part.js";
import { openContest, reviewers, say } from "./casework.js";
import { claimFirst } from "./claim.js";
import { FILES_MAX, readAttachment } from "./pictures.js";

// The form; `page` has record, words, desk, source, `show(element)`, `done(message)` and `failed(error, where)`.
export function contestForm(page, { ground = "decision", path = null, value = null } = {}) {
  const { words } = page;
  const choices = GROUNDS.map((one) => h("label", { class: "choice" },
    h("input", { type: "radio", name: "ground", value: one, checked: one === ground }), words.text(`ground.${one}`)));
  const text = field({ id: "statement", label: words.text("contest.words"), hint: words.text("contest.words_hint"), control: h("textarea", { rows: 8, required: true }) });
  const right = path === null ? null : field({
    id: "right", label: words.text("contest.right", { name: path.replaceAll("_", " ") }),
    hint: value === null ? null : words.text("contest.recorded", { value }), control: h("input", { type: "text", autocomplete: "off" }),
  });
  const files = field({ id: "files", label: words.text("contest.files"), hint: words.text("contest.files_hint", { n: FILES_MAX }), control: h("input", { type: "file", multiple: true }) });
  const form = h("form", { class: "task", novalidate: true },
    h("h1", { tabindex: "-1" }, words.text("contest.form")),
    h("p", {}, words.text("contest.intro")),
    h("fieldset", {}, h("legend", {}, words.text("contest.ground")), choices),
    right?.element ?? null, text.element, files.element,
    h("div", { class: "buttons" }, h("button", { class: "strong" }, words.text("contest.next")), button(words.text("do.cancel"), () => page.home())));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const written = writtenIn(text, words);
    if (written === null) return undefined;
    const attachments = await readFiles(files, words);
    if (attachments === null) return files.control.focus();
    const statement = { ground: form.elements.ground.value, text: written };
    const correction = right?.control.value.trim();
    if (path !== null && correction) statement.fields = [{ field: path.slice(0, 200), text: correction }];
    return page.show(preview(page, form, { value: statement, attachments }));
  });
  return form;
}

async function readFiles(files, words) {
  const chosen = [...files.control.files];
  files.say(chosen.length > FILES_MAX ? words.text("bad.too_many_files", { n: FILES_MAX }) : null);
  if (chosen.length > FILES_MAX) return null;
  const read = await Promise.all(chosen.map(readAttachment));
  const large = chosen.find((_, at) => read[at] === null);
  if (large) files.say(words.text("bad.file_too_large", { name: large.name }));
  return large ? null : read;
}

// What will be sent, before it is: the words, who can read them, and what becomes public.
function preview(page, form, message) {
  const { record, words, source } = page;
  const readers = h("p", { role: "status" }, words.text("contest.readers_wait"));
  const send = button(words.text("contest.send"), null, { class: "strong", disabled: true });
  let to = [];
  const { value, attachments } = message;
  const body = h("section", { class: "task" },
    h("h1", { tabindex: "-1" }, words.text("contest.check")),
    h("dl", { class: "facts" },
      h("dt", {}, words.text("contest.ground")), h("dd", {}, words.text(`ground.${value.ground}`)),
      (value.fields ?? []).flatMap((one) => [h("dt", {}, foreign(one.field.replaceAll("_", " "))), h("dd", {}, foreign(one.text))]),
      h("dt", {}, words.text("contest.words")), h("dd", { class: "words", dir: "auto" }, value.text),
      attachments.length ? [h("dt", {}, words.text("contest.files")), h("dd", {}, attachments.map((one) => h("div", {}, foreign(one.name))))] : []),
    h("h2", {}, words.text("contest.who_reads")), readers,
    h("h2", {}, words.text("contest.what_public")), h("p", {}, words.text("contest.public")),
    record.own ? null : h("p", {}, words.text("contest.makes_key")),
    h("div", { class: "buttons" }, send, button(words.text("contest.change"), () => page.show(form))));
  send.addEventListener("click", () => page.busy(send, async () => {
    const own = record.own ?? (await claimFirst(page));
    await openContest(page.desk, own, { ...message, to });
    await page.done(words.text("contest.sent"));
  }));
  page.attempt(body, async () => {
    const found = await reviewers(record, source);
    to = found.flatMap((one) => one.keys);
    readers.textContent = found.length ? words.text("contest.readers", { n: found.length }) : words.text("contest.no_readers");
    send.disabled = false;
  });
  return body;
}

// A further message to those who can read the case.
export function sayPart(page, contest) {
  const { record, words } = page;
  const text = field({ id: `say-${contest.id}`, label: words.text("say.label"), control: h("textarea", { rows: 4 }) });
  const press = h("button", {}, words.text("say.send"));
  const send = (event) => {
    event.preventDefault();
    const written = writtenIn(text, words);
    if (written === null) return undefined;
    return page.busy(press, async () => {
      await say(page.desk, record.own, contest, { ground: "other", text: written });
      await page.done(words.text("say.done"));
    });
  };
  return fold(words.text("say.do"), h("form", { novalidate: true, onsubmit: send }, text.element, h("div", { class: "buttons" }, press)));
}
