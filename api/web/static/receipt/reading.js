// A decision's private fields, read under a grant. The read is recorded first, as an entry that the person sees; then the
// ledger gives the data key, in a box for the key that signed.

import { fromBase64 } from "../verify/bytes.js";
import { openDataKey } from "../verify/case.js";
import { checkDisclosures, openSealed } from "../verify/sealed.js";

// {fields, dek}, every digest checked. `dek()` finds the key where the deployer sealed the decision and the grant has none.
export async function readUnder(desk, source, reader, { entry, grant, decision, genesis, dek }) {
  const read = await desk.send(reader.key, "grant.read", { grant, decision });
  const answer = await source.ask(`/v1/grants/${grant}/key`, { headers: { Authorization: `Read ${read}` } });
  const { wrapped, sealed } = await source.read(answer, "json");
  const key = wrapped === null ? dek() : await openWrapped(wrapped, reader.seal, { decision, genesis, grant }, entry);
  const disclosures = await openSealed(key, entry.statementJcs, fromBase64(sealed));
  await checkDisclosures(entry.statement, disclosures);
  return { fields: Object.fromEntries(disclosures.map((one) => [one.slot, one.value])), dek: key };
}

// What the ledger wraps is bound to the grant; what a person wraps is not, since the grant's id is a hash of that act.
function openWrapped(wrapped, seal, about, entry) {
  return openDataKey(wrapped, seal, entry.signature === null ? about : { ...about, grant: null });
}
