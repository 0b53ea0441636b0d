// Elements, made by a call. Text is always text: nothing here parses HTML.
//
//   h("p", { class: "lead" }, "Hello ", bdi(name))

export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Somebody else's words: isolated in direction, of whatever direction their letters have.
export function foreign(text, name = "span") {
  return h(name, { dir: "auto" }, text);
}

export function button(text, onclick, more = {}) {
  return h("button", { type: "button", onclick, ...more }, text);
}

export function link(text, href, more = {}) {
  return h("a", { href, ...more }, text);
}

export function box(kind, ...children) {
  return h("div", { class: kind ? `box ${kind}` : "box" }, ...children);
}

// A folded part of the page.
export function fold(summary, ...children) {
  return h("details", {}, h("summary", {}, summary), ...children);
}

// A labelled field with a hint and room for an error that names it.
export function field({ id, label, hint = null, control }) {
  control.id = id;
  const error = h("p", { id: `${id}-error`, class: "bad-text", hidden: true });
  const described = [hint ? `${id}-hint` : null, `${id}-error`].filter(Boolean).join(" ");
  control.setAttribute("aria-describedby", described);
  return {
    control,
    element: h("div", { class: "field" },
      h("label", { for: id }, label), hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null, error, control),
    // Shows what is wrong, or takes it away.
    say(message) {
      error.hidden = !message;
      error.textContent = message ?? "";
      if (message) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    },
  };
}

export const TEXT_CHARS_MAX = 10_000; // of anything that a person writes into a form

// What was written into a field, trimmed; null where it is nothing or too long, which is then said beside it.
export function writtenIn(text, words) {
  const written = text.control.value.trim();
  const length = [...written].length;
  const key = length === 0 ? "bad.empty" : length > TEXT_CHARS_MAX ? "bad.too_long" : null;
  text.say(key && words.text(key, { n: TEXT_CHARS_MAX, length }));
  if (key === null) return written;
  text.control.focus();
  return null;
}

// Saves a text or bytes as a file, without asking any server.
export function saveFile(name, data, type = "application/json") {
  const address = URL.createObjectURL(new Blob([data], { type }));
  const anchor = h("a", { href: address, download: name, hidden: true });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
