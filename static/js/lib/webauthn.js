import { decode, encode } from "./base64url.js";

/** The person closed the question, or no passkey answered it. */
export class Declined extends Error {}

/** Whether this browser can ask for a passkey at all. */
export const able = () => "credentials" in navigator && "PublicKeyCredential" in globalThis;

/** Whether passkeys can be offered inside the field for the number. */
export async function offersInField() {
  if (!able()) return false;
  return (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false;
}

/**
 * @typedef {{ challenge: string, rp_id: string, credential_ids: string[], timeout_ms: number }} Question
 */

/**
 * A passkey's answer to the server's question. With no ids named, any passkey of this site may answer.
 *
 * @param {Question} question
 * @param {{ mediation?: CredentialMediationRequirement, signal?: AbortSignal }} [how]
 * @returns {Promise<Record<string, string>>} a proof of kind `passkey`
 */
export async function prove(question, { mediation, signal } = {}) {
  /** @type {PublicKeyCredentialRequestOptions} */
  const publicKey = {
    challenge: decode(question.challenge),
    rpId: question.rp_id,
    allowCredentials: question.credential_ids.map(named),
    userVerification: "required",
    timeout: question.timeout_ms,
  };
  const found = await answered(() => navigator.credentials.get({ publicKey, mediation, signal }));
  const answer = /** @type {AuthenticatorAssertionResponse} */ (found.response);
  return {
    kind: "passkey",
    credential_id: encode(found.rawId),
    authenticator_data: encode(answer.authenticatorData),
    client_data: encode(answer.clientDataJSON),
    signature: encode(answer.signature),
  };
}

/**
 * A new passkey on this device.
 *
 * @param {any} options what the server wants, bytes as base64url
 * @returns {Promise<{ client_data: string, attestation_object: string }>}
 */
export async function make(options) {
  const publicKey = {
    ...options,
    challenge: decode(options.challenge),
    user: { ...options.user, id: decode(options.user.id) },
    excludeCredentials: options.excludeCredentials.map((/** @type {{ id: string }} */ known) =>
      named(known.id),
    ),
  };
  const made = await answered(() => navigator.credentials.create({ publicKey }));
  const answer = /** @type {AuthenticatorAttestationResponse} */ (made.response);
  return {
    client_data: encode(answer.clientDataJSON),
    attestation_object: encode(answer.attestationObject),
  };
}

/**
 * @param {string} id
 * @returns {PublicKeyCredentialDescriptor}
 */
const named = (id) => ({ type: "public-key", id: decode(id) });

/** @param {() => Promise<Credential | null>} ask */
async function answered(ask) {
  try {
    const found = await ask();
    if (found) return /** @type {PublicKeyCredential} */ (found);
  } catch (cause) {
    throw new Declined("no passkey", { cause });
  }
  throw new Declined("no passkey");
}
