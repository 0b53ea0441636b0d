// The receipt page: takes the link, checks, and shows; then whatever the person does, and shows again.

import { box, button, field, h, link, saveFile } from "../dom.js";
import { loadWords } from "../words.js";
import { Desk } from "./acting.js";
import { readContest, readCorrected, reviewers, share } from "./casework.js";
import { examine, receiptFile, recordedBefore } from "./checking.js";
import { claimPart, linkOf } from "./claim.js";
import { ownKeys } from "./keys.js";
import { erasurePart, reissueButton, rulesPart, sharingPart } from "./others.js";
import { alarm, proofPart } from "./proof.js";
import { banners, contestBox, ENDED, happened, sortOut } from "./since.js";
import { Screen } from "./screen.js";
import { Source } from "./source.js";
import { knew, others, outcomeSentence, recourse, recourseUntil, whatIf, who, why } from "./story.js";

const STORED = `counterfoil.link:${location.pathname}`;

function takenLink() {
  try {
    return sessionStorage.getItem(STORED) ?? globalThis.counterfoilLink ?? "";
  } catch (error) {
    return globalThis.counterfoilLink ?? "";
  }
}

class Page extends Screen {
  constructor(place, status) {
    super(place, status);
    this.source = new Source(location.pathname.replace(/\/r$/, ""));
    this.sheet = null;
  }

  // The first look: asking the ledger does not wait for the words, nor they for it.
  async start() {
    const [words, record] = await Promise.all([loadWords("receipt"), examine(takenLink(), this.source)]);
    this.words = words;
    await this.take(record);
  }

  async check() {
    this.say(this.words.text("checking"));
    await this.take(await examine(takenLink(), this.source));
  }

  async take(record) {
    record.own = this.record?.own ?? null;
    this.record = record;
    if (["holds", "erased"].includes(this.record.state)) await this.gather();
    document.documentElement.dataset.state = this.record.state;
    this.home();
  }

  // What the page shows beside the record itself.
  async gather() {
    const { record, source } = this;
    record.own ??= await ownKeys(record.id);
    sortOut(record);
    const contests = [...record.since.contests.values()];
    const asked = [
      source.json(`/v1/systems/${encodeURIComponent(record.entry.statement.system)}`).then((found) => { record.system = found; }),
      ...contests.map((contest) => readContest(record, source, contest)),
    ];
    asked.push(recordedBefore(record, source));
    // Nothing of this is needed to show the record: what cannot be had is left out.
    await Promise.all(asked.map((one) => one.catch(() => null)));
    await Promise.all(contests.map((contest) => readCorrected(record, source, this.words, contest).catch(() => null)));
    this.desk = new Desk(record, source);
  }

  home() {
    const { record, words } = this;
    const pages = { holds: () => this.story(), erased: () => this.erased(), altered: () => this.altered(), withheld: () => this.altered() };
    if (record.state === "withheld") record.troubles.push({ name: "withheld", sentence: "no private part" });
    this.say(words.text(takenLink() ? `said.${record.state}` : "cannot.none.title"), true);
    (pages[record.state] ?? (() => this.cannot()))();
  }

  // ---- a record that holds -----------------------------------------------------------------------------------

  story() {
    const { record, words } = this;
    const wrong = (ground, path) => this.contest({ ground, path: ground === "inputs" ? path : null });
    document.title = `${outcomeSentence(words, record.fields.outcome)}`;
    const shown = banners(record, words);
    shown.find((one) => one.id === "reissue")?.append(reissueButton(this));
    this.show(
      h("h1", { tabindex: "-1" }, outcomeSentence(words, record.fields.outcome)),
      who(record, words),
      shown,
      this.contests(),
      why(record, words),
      whatIf(record, words),
      knew(record, words, this.mayContest() ? wrong : null),
      this.actions(),
      rulesPart(this),
      happened(record, words),
      sharingPart(this),
      erasurePart(this),
      others(record, words),
      proofPart(record, words, () => this.save()),
    );
  }

  openContests() {
    return [...this.record.since.contests.values()].filter((contest) => !ENDED.includes(contest.status));
  }

  mine(contest) {
    const { own, entry } = this.record;
    return contest.opener === own?.key.did || contest.opener === entry.statement.contest_key;
  }

  mayContest() {
    return !this.openContests().some((contest) => contest.opener === this.record.own?.key.did);
  }

  contests() {
    const { record, words } = this;
    return [...record.since.contests.values()].map((contest) => {
      const shown = contestBox(record, words, contest);
      if (ENDED.includes(contest.status) || contest.opener !== record.own?.key.did) return shown;
      const end = (name, message) => {
        const press = button(words.text(`do.${name}`), () => this.busy(press, async () => {
          await this.desk.send(record.own.key, name, { contest: contest.id });
          await this.done(words.text(message));
        }));
        return press;
      };
      const saying = h("div", { class: "screen" });
      this.attempt(saying, async () => {
        const { sayPart } = await import("./contestform.js");
        saying.append(sayPart(this, contest));
      });
      shown.append(saying, h("div", { class: "buttons" }, end("contest.settle", "contest.settled_now"), end("contest.withdraw", "contest.withdrawn_now")));
      this.offerShare(shown, contest);
      return shown;
    });
  }

  // Reviewers who were appointed, or took another key, after the contest was opened cannot read it yet.
  offerShare(place, contest) {
    const { record, words, source } = this;
    this.attempt(place, async () => {
      const known = new Set(contest.boxes.map((one) => one.to));
      const shut = (await reviewers(record, source)).filter(({ keys }) => !keys.some((did) => known.has(did)));
      if (!shut.length) return;
      const fresh = shut.flatMap(({ keys }) => keys);
      const press = button(words.text("contest.share", { n: shut.length }), () => this.busy(press, async () => {
        await share(this.desk, record.own, contest, fresh);
        await this.done(words.text("contest.shared"));
      }));
      place.append(h("div", { class: "buttons" }, press));
    });
  }

  actions() {
    const { record, words } = this;
    const until = recourseUntil(record);
    const title = until !== null && until > Date.now() ? words.text("do.title_until", { day: words.day(until) }) : words.text("do.title");
    return h("section", { id: "actions" },
      h("h2", {}, title),
      recourse(record, words),
      this.mayContest() ? h("p", {}, words.text("do.free")) : null,
      h("div", { class: "buttons screen" },
        this.mayContest() ? button(words.text("do.contest"), () => this.contest(), { class: "strong", id: "contest" }) : null),
      h("ul", { class: "row screen" },
        h("li", {}, link(words.text("do.help"), "#help")),
        h("li", {}, button(words.text("do.print"), () => window.print(), { class: "quiet" })),
        h("li", {}, button(words.text("do.save"), () => this.save(), { class: "quiet" })),
        h("li", {}, button(words.text("do.keep"), () => this.keep(), { class: "quiet" }))),
      claimPart(this),
      this.code());
  }

  // The link as a picture, drawn when somebody opens this part.
  code() {
    const { record, words } = this;
    const part = h("details", { class: "qr-fold" }, h("summary", {}, words.text("do.qr")), h("p", {}, words.text("qr.why")));
    part.addEventListener("toggle", () => this.attempt(part, async () => {
      const { qrPicture } = await import("../qr/draw.js");
      part.append(qrPicture(linkOf(record), words.text("do.qr")));
    }), { once: true });
    return part;
  }

  // The form is loaded when somebody wants it: most only read.
  contest(about = {}) {
    return this.attempt(this.place, async () => {
      const { contestForm } = await import("./contestform.js");
      this.show(contestForm(this, about));
    });
  }

  async keep() {
    const { keepReceipt } = await import("../wallet/keeping.js");
    const { record, words } = this;
    await keepReceipt({ id: record.id, base: record.base, fragment: takenLink().replace(/^#/, ""), title: outcomeSentence(words, record.fields.outcome) });
    this.say(words.text("keep.done"));
    this.status.append(" ", link(words.text("keep.wallet"), `${record.base}/wallet${location.search}`));
    this.status.scrollIntoView({ block: "center" });
  }

  save() {
    saveFile(`${this.record.id}.counterfoil.json`, receiptFile(this.record));
    this.say(this.words.text("save.done"));
  }

  // ---- other endings ------------------------------------------------------------------------------------------

  erased() {
    const { record, words } = this;
    this.show(
      h("h1", { tabindex: "-1" }, words.text("erased.title")),
      banners(record, words),
      h("p", {}, words.text("erased.left", { system: `\u2068${record.system?.name || record.entry.statement.system}\u2069`, hour: words.moment(Date.parse(record.entry.statement.time)) })),
      this.contests(),
      rulesPart(this),
      happened(record, words),
      proofPart(record, words, () => this.save()),
    );
  }

  altered() {
    const { record, words } = this;
    document.title = words.text("trouble.title");
    this.show(alarm(record, words, () => saveFile(`${record.id}.evidence.json`, this.evidence())));
  }

  // All that the server sent, for whoever looks into it. It holds the person's secret, and says so on the page.
  evidence() {
    const { record } = this;
    const { view, proof, published, troubles } = record;
    const receipt = record.verification ? JSON.parse(receiptFile(record)) : null;
    return JSON.stringify({ from: location.origin + record.base, at: new Date().toISOString(), troubles, receipt, view, proof, keys: published }, null, 1);
  }

  cannot() {
    const { record, words } = this;
    const { state } = record;
    const none = !takenLink();
    const name = none ? "none" : state;
    const again = h("form", { onsubmit: (event) => { event.preventDefault(); this.paste(pasted); } });
    const pasted = field({ id: "pasted", label: words.text("cannot.paste"), hint: words.text("cannot.paste_hint"), control: h("input", { type: "text", autocomplete: "off", spellcheck: "false", dir: "ltr" }) });
    again.append(pasted.element, h("div", { class: "buttons" }, h("button", {}, words.text("cannot.open"))));
    document.title = words.text(`cannot.${name}.title`);
    this.show(
      h("h1", { tabindex: "-1" }, words.text(`cannot.${name}.title`)),
      box(name === "none" ? "" : "bad", h("p", {}, words.text(`cannot.${name}`))),
      state === "unreachable" && !none ? h("div", { class: "buttons" }, button(words.text("cannot.again"), () => this.check(), { class: "strong" })) : null,
      again,
      h("p", {}, link(words.text("cannot.check"), `check${location.search}`), " · ", link(words.text("cannot.lost"), `lost${location.search}`)),
    );
  }

  paste(pasted) {
    const fragment = pasted.control.value.trim().split("#").pop();
    if (!/^[0-9a-f-]{36}\../.test(fragment)) {
      pasted.say(this.words.text("cannot.damaged"));
      return;
    }
    globalThis.counterfoilLink = fragment;
    try {
      sessionStorage.setItem(STORED, fragment);
    } catch (error) {
      // This tab remembers it while it is open.
    }
    this.check();
  }
}

await new Page(document.getElementById("receipt"), document.getElementById("status")).start();
