// What a page says, in the reader's language: the catalogues that the server uses too.
//
//   const words = await loadWords("receipt");
//   words.text("happened.claim", { day: words.day(time) })
//
// A text that depends on a number is a map from CLDR's plural names, chosen by the placeholder `n`. Digits are
// Western everywhere, so that an index can be compared with a letter. What strangers wrote goes through `revealed`.

const PLACEHOLDER = /\{([a-z_]+)\}/g;
// Embeddings, overrides and isolates turn text round (UAX 9); the rest has no business on a page.
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b\u2028\u2029\ufeff]/g;

// A text with every hidden or reordering character written out: ⟨U+202E⟩.
export function revealed(text) {
  return String(text).replace(HIDDEN, (found) => `⟨U+${found.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}

// The browser's own variety of a language, for dates and numbers; English without a region is Britain's.
function localeOf(code) {
  const found = (navigator.languages ?? []).find((one) => one.toLowerCase().split("-")[0] === code);
  return found ?? (code === "en" ? "en-GB" : code);
}

export class Words {
  constructor(messages, code, locale = localeOf(code)) {
    this.messages = messages;
    this.code = code;
    const digits = { numberingSystem: "latn" };
    this.plurals = new Intl.PluralRules(locale);
    this.numbers = new Intl.NumberFormat(locale, digits);
    this.days = new Intl.DateTimeFormat(locale, { dateStyle: "long", ...digits });
    this.moments = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short", ...digits });
  }

  has(key) {
    return Object.hasOwn(this.messages, key);
  }

  // The message `key`; an unknown key or placeholder is a mistake of ours and throws.
  text(key, values = {}) {
    let message = this.messages[key];
    if (message === undefined) throw new Error(`no message ${key}`);
    if (typeof message !== "string") message = message[this.plurals.select(values.n)] ?? message.other;
    return message.replace(PLACEHOLDER, (_, name) => {
      if (!(name in values)) throw new Error(`no value ${name} for ${key}`);
      return typeof values[name] === "number" ? this.number(values[name]) : values[name];
    });
  }

  // The word for one of a closed list, as `automation.full`; what is unknown shows itself.
  named(group, name) {
    const key = `${group}.${name}`;
    return this.has(key) ? this.text(key) : isolated(name);
  }

  number(value) {
    return this.numbers.format(value);
  }

  day(timeMs) {
    return this.days.format(new Date(timeMs));
  }

  // A date and time where the reader is.
  moment(timeMs) {
    return this.moments.format(new Date(timeMs));
  }
}

// Somebody else's text, kept apart from the direction of the sentence around it.
export function isolated(text) {
  return `\u2068${revealed(text)}\u2069`;
}

// The words of some areas over those of every page; where two say the same, the first named counts.
export async function loadWords(...areas) {
  const code = document.documentElement.lang;
  const read = async (name) => {
    const answer = await fetch(`/static/locale/${code}/${name}.json`);
    if (!answer.ok) throw new Error(`no catalogue ${code}/${name}`);
    return answer.json();
  };
  const messages = await Promise.all(["site", ...areas.reverse()].map(read));
  return new Words(Object.assign({}, ...messages), code);
}
