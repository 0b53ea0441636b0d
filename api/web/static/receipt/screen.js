// What pages on which a person acts have in common: a place that is filled anew, one press at a time, and a sentence
// where something failed.

import { h } from "../dom.js";
import { RefusedError, UnreachableError } from "./source.js";

export class Screen {
  // `place` is filled; `status` says what happened.
  constructor(place, status) {
    Object.assign(this, { place, status, words: null, started: false });
  }

  // Said to everybody, or (`aloud`) to those only who have the page read out.
  say(message, aloud = false) {
    this.status.classList.toggle("unseen", aloud);
    this.status.textContent = message;
  }

  show(...children) {
    this.place.replaceChildren(...children.flat(3).filter((child) => child !== null && child !== undefined));
    const head = this.place.querySelector("[tabindex='-1']");
    if (head && this.started) {
      head.focus({ preventScroll: true });
      head.scrollIntoView({ block: "start" });
    }
    this.started = true;
  }

  // Runs what a button does: one press at a time, and a sentence beside it where it fails.
  async busy(press, call) {
    const place = press.closest("form, section, .box, li, details") ?? this.place;
    const text = press.textContent;
    press.disabled = true;
    press.textContent = this.words.text("busy");
    place.querySelector(":scope > .failed")?.remove();
    try {
      await call();
    } catch (error) {
      press.disabled = false;
      press.textContent = text;
      place.append(this.failed(error));
    }
  }

  // Runs what a part of the page needs; its failure is said there, and breaks nothing else.
  async attempt(place, call) {
    try {
      await call();
    } catch (error) {
      place.append(this.failed(error));
    }
  }

  failed(error) {
    const { words } = this;
    let key = "failed.other";
    if (error instanceof UnreachableError) key = "failed.unreachable";
    if (error instanceof RefusedError) key = words.has(`failed.${error.kind}`) ? `failed.${error.kind}` : "failed.refused";
    const detail = error instanceof RefusedError && key === "failed.refused" ? error.message : null;
    if (key === "failed.other") console.error(error);
    return h("div", { class: "failed", role: "alert" }, h("p", { class: "bad-text" }, `✗ ${words.text(key)}`), detail ? h("p", { class: "note", lang: "en" }, detail) : null);
  }

  // Something was recorded: look again, and say it.
  async done(message) {
    await this.check();
    this.say(message);
    this.status.scrollIntoView({ block: "center" });
  }
}
