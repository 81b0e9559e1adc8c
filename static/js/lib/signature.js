import { decode, encode } from "./base64url.js";
import { signingChallenge } from "./record.js";

/** The person, or their phone, let the signature be. */
export class Unsigned extends Error {
  /** @override */
  name = "Unsigned";
}

/**
 * The passkey's signature over exactly this record and this question of the server.
 *
 * @param {{ record: string, nonce: string, credentials: string[] }} what
 * @returns {Promise<Record<string, string>>} a proof of kind `passkey`
 */
export async function sign({ record, nonce, credentials }) {
  const challenge = await signingChallenge(record, decode(nonce));
  const credential = await asked({
    challenge,
    allowCredentials: credentials.map((id) => ({ type: "public-key", id: decode(id) })),
    userVerification: "preferred",
    timeout: 60_000,
  });
  const answer = /** @type {AuthenticatorAssertionResponse} */ (credential.response);
  return {
    kind: "passkey",
    credential_id: encode(credential.rawId),
    authenticator_data: encode(answer.authenticatorData),
    client_data: encode(answer.clientDataJSON),
    signature: encode(answer.signature),
  };
}

/** @param {PublicKeyCredentialRequestOptions} publicKey */
async function asked(publicKey) {
  try {
    const found = await navigator.credentials.get({ publicKey });
    if (found) return /** @type {PublicKeyCredential} */ (found);
  } catch (cause) {
    throw new Unsigned("not signed", { cause });
  }
  throw new Unsigned("no passkey answered");
}
