// A passkey's signature on an act, as far as the act alone can show: its form, and that the passkey was asked
// for this very act. Its public key stands in the log, so that an audit checks the answer.
//
//   {"keyid": base64url credential id, "sig": base64,
//    "webauthn": {"authenticatorData": base64url, "clientDataJSON": base64url}}
//   challenge = SHA-256(PAE)

import { equalBytes, fromBase64, fromBase64url } from "./bytes.js";
import { MalformedError, VerificationError } from "./errors.js";
import { hasNames, isObject, parseJson } from "./json.js";
import { AUTHENTICATOR_DATA_BYTES_MAX, CLIENT_DATA_BYTES_MAX, CREDENTIAL_ID_BYTES_MAX } from "./limits.js";

function boundedBytes(data, least, most, what) {
  if (data.length < least || data.length > most) throw new MalformedError(`${what} has ${least} to ${most} bytes`);
  return data;
}

// {credential, authenticatorData, clientData, sig} of a signature by a passkey. Throws MalformedError.
export function readAssertion(signature) {
  const asserted = signature.webauthn;
  if (!hasNames(signature, ["keyid", "sig", "webauthn"]) || !isObject(asserted) || !hasNames(asserted, ["authenticatorData", "clientDataJSON"])) {
    throw new MalformedError("a signature by a passkey of another shape");
  }
  boundedBytes(fromBase64url(signature.keyid), 1, CREDENTIAL_ID_BYTES_MAX, "a credential's id");
  return {
    credential: signature.keyid,
    authenticatorData: boundedBytes(fromBase64url(asserted.authenticatorData), 37, AUTHENTICATOR_DATA_BYTES_MAX, "authenticatorData"),
    clientData: boundedBytes(fromBase64url(asserted.clientDataJSON), 0, CLIENT_DATA_BYTES_MAX, "clientDataJSON"),
    sig: boundedBytes(fromBase64(signature.sig), 8, 72, "a passkey's signature"),
  };
}

// That a browser made this for `challenge`; the origin it was made at. Throws VerificationError.
export function checkClientData(data, challenge) {
  let said;
  let answered = null;
  try {
    said = parseJson(data);
    if (isObject(said) && typeof said.challenge === "string") answered = fromBase64url(said.challenge);
  } catch (error) {
    if (error instanceof MalformedError) throw new VerificationError("clientDataJSON does not parse");
    throw error;
  }
  if (!isObject(said) || said.type !== "webauthn.get") throw new VerificationError("clientDataJSON is not of the type webauthn.get");
  if (answered === null || !equalBytes(answered, challenge)) throw new VerificationError("the passkey answered another challenge");
  if ("crossOrigin" in said && said.crossOrigin !== false) throw new VerificationError("the passkey was asked inside another site's page");
  if (typeof said.origin !== "string") throw new VerificationError("clientDataJSON names no origin");
  return said.origin;
}
