/** A text that cannot be honoured, with a code of the specification of the token (§8). */
export class TokenRefused extends Error {
  /**
   * @param {string} code
   * @param {string} at text, outer, inner, claims, time, keyset or status
   * @param {string} [kid]
   */
  constructor(code, at, kid = "") {
    super(code);
    this.code = code;
    this.at = at;
    this.kid = kid;
  }
}

/** A text that this desk cannot judge, though the server may. Never a refusal. */
export class NotHere extends Error {}
