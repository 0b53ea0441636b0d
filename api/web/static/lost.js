// Lost receipts: signing in elsewhere, and coming back.
//
// What stands here first runs first: the code and the state leave the address bar, and
// with it the history and whatever a screen shows, before anything else happens.
const back = location.pathname.endsWith("/lost/return") ? taken() : null;

// In this tab alone, until it is closed: {binder, lang}, and for one reload {back}.
const PLACE = "counterfoil-lost";
const HEADERS = { "Content-Type": "application/json" };
// Which sentence a problem has; the server's other problems have that of "broken".
const SENTENCES = new Set([
  "no-sign-in", "sign-in-unknown", "sign-in-elsewhere", "sign-in-expired", "sign-in-used",
  "sign-in-refused", "sign-in-untrusted", "no-identifier",
]);
const OTHERS = new Map([[429, "busy"], [503, "away"]]);

function taken() {
  const query = new URLSearchParams(location.search);
  const lang = query.get("lang");
  const kept = lang === null ? "" : `?lang=${encodeURIComponent(lang)}`;
  history.replaceState(null, "", location.pathname + kept);
  return query;
}

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// ---- what is seen ---------------------------------------------------------------------

function show(name) {
  for (const one of document.querySelectorAll("[data-outcome]")) {
    one.hidden = one.dataset.outcome !== name;
  }
  const title = document.querySelector(`[data-outcome="${name}"] h2`);
  if (title !== null) title.focus();
}

function showAnswer({ status, more, available_at: at, links }) {
  if (at !== null) {
    const format = new Intl.DateTimeFormat(document.documentElement.lang, {
      dateStyle: "long", timeStyle: "short", numberingSystem: "latn",
    });
    for (const one of document.querySelectorAll("time.available")) {
      one.dateTime = at;
      one.textContent = format.format(new Date(at));
    }
  }
  const template = document.querySelector("#receipt");
  const list = document.querySelector("#receipts");
  for (const [index, link] of links.entries()) {
    const item = template.content.cloneNode(true);
    const anchor = item.querySelector("a");
    anchor.href = link;
    if (links.length > 1) anchor.append(` ${index + 1}`);
    list.append(item);
  }
  document.querySelector("#more").hidden = !more;
  show(status === "waiting" && at !== null ? "dated" : status);
}

// ---- what is asked ----------------------------------------------------------------------

class Refused extends Error {}

async function asked(step, body) {
  const ledger = location.pathname.split("/")[1];
  let answer;
  try {
    answer = await fetch(`/${ledger}/v1/lost/${step}`, {
      method: "POST", headers: HEADERS, body: JSON.stringify(body), credentials: "omit",
    });
  } catch {
    throw new Refused("away");
  }
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  const kind = String(problem.type ?? "").replace("/docs#problem-", "");
  throw new Refused(SENTENCES.has(kind) ? kind : OTHERS.get(answer.status) ?? "broken");
}

async function begin() {
  show("working");
  const binder = crypto.getRandomValues(new Uint8Array(32));
  const hash = await crypto.subtle.digest("SHA-256", binder);
  const chosen = new URLSearchParams(location.search).get("lang");
  const { url } = await asked("start", { binder: base64url(hash) });
  // The only way from these pages to another origin, and never to a script.
  if (!/^https?:$/.test(new URL(url).protocol)) throw new Refused("broken");
  sessionStorage.setItem(
    PLACE, JSON.stringify({ binder: base64url(binder), lang: chosen }),
  );
  location.assign(url);
}

async function finish() {
  const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "{}");
  const query = kept.back === undefined ? back : new URLSearchParams(kept.back);
  delete kept.back;
  const current = document.documentElement.lang;
  if (kept.lang && kept.lang !== current && query.has("state") && !back.has("lang")) {
    // Read on in the language the person had chosen before they went.
    kept.back = query.toString();
    sessionStorage.setItem(PLACE, JSON.stringify(kept));
    location.replace(`?lang=${encodeURIComponent(kept.lang)}`);
    return;
  }
  sessionStorage.removeItem(PLACE);
  if (!query.has("state")) throw new Refused("empty");
  if (query.has("error")) {
    throw new Refused(query.get("error") === "access_denied" ? "cancelled" : "sign-in-refused");
  }
  if (kept.binder === undefined) throw new Refused("sign-in-elsewhere");
  showAnswer(await asked("finish", {
    binder: kept.binder,
    state: query.get("state"),
    code: query.get("code") ?? "",
    iss: query.get("iss"),
  }));
}

async function said(step) {
  try {
    await step();
  } catch (error) {
    show(error instanceof Refused ? error.message : "broken");
  }
}

if (back !== null) await said(finish);
document.querySelector("#sign-in")?.addEventListener("click", () => said(begin));
