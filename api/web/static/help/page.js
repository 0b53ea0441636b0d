// The helpers' page: a key of one's own, the decision that the address names, and what the person lets this key do about
// it. A helper has no receipt: they act in their own name, and everybody sees that.

import { box, button, field, h, link, saveFile } from "../dom.js";
import { isolated, loadWords } from "../words.js";
import { fromUtf8, toBase64url } from "../verify/bytes.js";
import { MalformedError, VerificationError } from "../verify/errors.js";
import { Desk, shownReceipt } from "../receipt/acting.js";
import { readContest } from "../receipt/casework.js";
import { contestForm, sayPart } from "../receipt/contestform.js";
import { grantForm } from "../receipt/others.js";
import { readUnder } from "../receipt/reading.js";
import { Screen } from "../receipt/screen.js";
import { contestBox, ENDED, happened } from "../receipt/since.js";
import { Source } from "../receipt/source.js";
import { valueList } from "../review/conclusion.js";
import { makeIdentity, readIdentity } from "../review/identity.js";
import { mandateOf, openMatter } from "./matter.js";

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;

class HelpPage extends Screen {
  constructor(words, place, status) {
    super(place, status);
    this.words = words;
    this.source = new Source(location.pathname.replace(/\/help$/, ""));
    this.own = null;
  }

  // ---- the key and the decision --------------------------------------------------------------------------------------

  begin() {
    const { words } = this;
    const file = field({ id: "identity", label: words.text("key.file"), hint: words.text("key.hint"), control: h("input", { type: "file" }) });
    const id = field({ id: "decision", label: words.text("id.label"), hint: words.text("id.hint"), control: h("input", { type: "text", autocomplete: "off", spellcheck: "false", dir: "ltr" }) });
    id.control.value = ID.exec(location.hash)?.[0] ?? "";
    const press = h("button", { class: "strong" }, words.text("open"));
    const open = (event) => {
      event.preventDefault();
      const named = ID.exec(id.control.value)?.[0];
      file.say(file.control.files.length ? null : words.text("bad.no_file"));
      id.say(named ? null : words.text("bad.id"));
      if (!file.control.files.length || !named) return undefined;
      return this.busy(press, async () => {
        this.own = await this.readKey(file);
        if (this.own !== null) return this.open(named);
        press.disabled = false;
        press.textContent = words.text("open");
        return undefined;
      });
    };
    this.show(h("form", { novalidate: true, onsubmit: open }, file.element, id.element, h("div", { class: "buttons" }, press)), this.newKey());
  }

  async readKey(file) {
    try {
      const { key, seal } = await readIdentity(new Uint8Array(await file.control.files[0].arrayBuffer()));
      return { key, seal, sealKey: toBase64url(seal.publicKey) };
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      file.say(this.words.text("bad.identity"));
      return null;
    }
  }

  // For who has none: a file to keep, and the public half to send to the person.
  newKey() {
    const { words } = this;
    const made = h("div", { role: "status" });
    const press = button(words.text("key.make"), () => this.busy(press, async () => {
      const file = await makeIdentity();
      saveFile("identity.key", file);
      press.remove();
      made.replaceChildren(h("p", {}, words.text("key.made")), h("p", {}, h("code", { id: "did" }, JSON.parse(fromUtf8(file)).did)));
    }));
    return h("section", {}, h("h2", {}, words.text("key.none")), h("p", {}, words.text("key.why")), h("div", { class: "buttons" }, press), made);
  }

  async open(id) {
    try {
      this.record = await openMatter(this.source, id, this.own);
    } catch (error) {
      if (!(error instanceof VerificationError || error instanceof MalformedError)) throw error;
      document.documentElement.dataset.state = "false";
      this.show(box("bad", h("h2", { tabindex: "-1" }, this.words.text("false.title")), h("p", {}, this.words.text("false.do"))));
      return;
    }
    const { record, source } = this;
    this.desk = new Desk(record, source);
    record.keys.dek = this.dek;
    record.fields = this.fields ?? null;
    await Promise.all([...record.since.contests.values()].map((one) => readContest(record, source, one)));
    this.home();
  }

  async check() {
    await this.open(this.record.id);
  }

  // ---- what may be done ------------------------------------------------------------------------------------------------

  home() {
    const { record, words } = this;
    const mandate = mandateOf(record);
    const can = (scope) => mandate?.scope.includes(scope) ?? false;
    document.documentElement.dataset.state = mandate === null ? "stranger" : mandate.scope.length ? "helper" : "over";
    this.show(
      h("h2", { tabindex: "-1" }, words.text("matter.title", { system: isolated(record.system?.name || record.entry.statement.system) })),
      h("p", {}, words.text("matter.facts", { hour: words.moment(Date.parse(record.entry.statement.time)) }), " ",
        link(words.text("matter.public"), `${record.base}/entries/${record.view.index}${location.search}`)),
      this.mandate(mandate),
      can("read") ? this.reading(mandate.grant) : null,
      this.contests(),
      can("contest") && this.mayContest() ? this.contesting() : null,
      can("grant") && record.entry.signature === null ? [h("h2", {}, words.text("grants.give")), grantForm(this)] : null,
      can("erase") ? this.erasing() : null,
      happened(record, words));
  }

  mandate(mandate) {
    const { words } = this;
    const name = document.documentElement.dataset.state;
    if (name !== "helper") return box("bad", h("p", {}, words.text(`mandate.${name}`)), h("p", {}, h("code", {}, this.own.key.did)));
    const what = mandate.scope.map((one) => words.text(`scope.${one}`)).join(", ");
    return box("", h("p", {}, h("strong", {}, words.text("mandate.may", { what })), " ",
      mandate.until ? words.text("until.until", { day: words.day(Date.parse(mandate.until)) }) : null), h("p", {}, words.text("mandate.public")));
  }

  mayContest() {
    return ![...this.record.since.contests.values()].some((one) => one.opener === this.own.key.did && !ENDED.includes(one.status));
  }

  contesting() {
    const { record, words } = this;
    // Where the deployer sealed the decision, reviewers get its key from whoever contests.
    const sealed = record.entry.signature !== null && !record.keys.dek;
    return h("section", {}, h("h2", {}, words.text("contest.form")), sealed ? h("p", {}, words.text("contest.read_first")) : null,
      h("div", { class: "buttons" }, button(words.text("do.contest"), () => this.show(contestForm(this)), { class: "strong", id: "contest" })));
  }

  contests() {
    const { record, words } = this;
    return [...record.since.contests.values()].map((contest) => {
      const shown = contestBox(record, words, contest);
      if (ENDED.includes(contest.status) || contest.opener !== this.own.key.did) return shown;
      const press = button(words.text("do.contest.withdraw"), () => this.busy(press, async () => {
        await this.desk.send(this.own.key, "contest.withdraw", { contest: contest.id });
        await this.done(words.text("contest.withdrawn_now"));
      }));
      shown.append(sayPart(this, contest), h("div", { class: "buttons" }, press));
      return shown;
    });
  }

  reading(grant) {
    const { record, words } = this;
    const title = h("h2", {}, words.text("read.title"));
    if (record.fields !== null) {
      const rows = Object.entries(record.fields).filter(([, value]) => value !== null);
      return h("section", {}, title, h("dl", { class: "facts", id: "fields" }, rows.flatMap(([slot, value]) => [h("dt", {}, words.named("slot", slot)), h("dd", {}, valueList(value))])));
    }
    const press = button(words.text("read.do"), () => this.busy(press, async () => {
      const about = { entry: record.entry, grant: grant.id, decision: record.id, genesis: record.genesis, dek: () => { throw new VerificationError("nobody gave the key of this decision"); } };
      const { fields, dek } = await readUnder(this.desk, this.source, this.own, about);
      Object.assign(this, { fields, dek });
      await this.done(words.text("read.done"));
    }));
    return h("section", {}, title, h("p", {}, words.text("read.why")), h("div", { class: "buttons" }, press));
  }

  erasing() {
    const { record, words } = this;
    const { erasure } = record.since;
    if (erasure?.executedMs) return null;
    const title = h("h2", {}, words.text("erase.title"));
    if (erasure) return h("section", {}, title, h("p", {}, words.text("erase.asked", { day: words.day(erasure.askedMs) })));
    const press = button(words.text("erase.do"), () => this.busy(press, async () => {
      await this.desk.send(this.own.key, "erasure.ask", { receipt: shownReceipt(record) });
      await this.done(words.text("erase.done"));
    }));
    return h("section", {}, title, h("p", {}, words.text("erase.why")), h("div", { class: "buttons" }, press));
  }
}

const page = new HelpPage(await loadWords("help", "receipt"), document.getElementById("help"), document.getElementById("status"));
page.say("");
page.begin();
document.documentElement.dataset.state = "key";
