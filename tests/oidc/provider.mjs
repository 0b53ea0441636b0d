// A certified OpenID Connect provider, as an operator would configure one, for tests.
//
//   node provider.mjs <folder of node_modules>
//     → stdout  {"issuer": "http://127.0.0.1:PORT"}        it listens, and knows no client
//     ← stdin   {"clients": [...]}                         one line
//     → stdout  {"ready": true}
//
// Whoever signs in is who they say. The account "nobody" has no customer number; the
// account "careless@example.org" never confirmed its address.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const library = pathToFileURL(`${process.argv[2]}/oidc-provider/lib/index.js`);
const { default: Provider } = await import(library.href);

let provider = null;
let answer = null;

const escape = (text) => text.replace(/[^A-Za-z0-9]/g, (c) => `&#${c.codePointAt(0)};`);

const page = (uid) => `<!doctype html><html lang="en"><title>Sign in</title>
<link rel="icon" href="data:,">
<main><h1>Sign in</h1><form method="post" action="/interaction/${escape(uid)}">
<label>Account <input name="login" autocomplete="off"></label>
<button name="do" value="sign-in">Sign in</button>
<button name="do" value="cancel">Cancel</button></form></main></html>`;

async function read(request) {
  let body = "";
  for await (const chunk of request) body += chunk;
  return new URLSearchParams(body);
}

async function interact(request, response) {
  const { uid } = await provider.interactionDetails(request, response);
  if (request.method !== "POST") {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(page(uid));
    return;
  }
  const form = await read(request);
  const result =
    form.get("do") === "cancel"
      ? { error: "access_denied", error_description: "the person said no" }
      : { login: { accountId: form.get("login") } };
  await provider.interactionFinished(request, response, result);
}

const server = createServer(async (request, response) => {
  try {
    if (provider === null) throw new Error("no client is known yet");
    if (request.url.startsWith("/interaction/")) await interact(request, response);
    else await answer(request, response);
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
});

function configured(issuer, clients) {
  const made = new Provider(issuer, {
    clients,
    claims: {
      openid: ["sub", "customer_number"],
      email: ["email", "email_verified"],
    },
    cookies: { keys: ["a key of this test alone"] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: id,
        email_verified: !id.startsWith("careless"),
        ...(id === "nobody" ? {} : { customer_number: id }),
      }),
    }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    // Everybody has consented: what is shared here is what the operator registered.
    async loadExistingGrant(context) {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope("openid email");
      await grant.save();
      return grant;
    },
    ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Grant: 300, Session: 300, Interaction: 300 },
  });
  made.on("server_error", (_, error) => console.error(error));
  return made;
}

server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  console.log(JSON.stringify({ issuer }));
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      provider = configured(issuer, JSON.parse(line).clients);
      answer = provider.callback();
      console.log(JSON.stringify({ ready: true }));
    })
    .on("close", () => process.exit(0));
});
