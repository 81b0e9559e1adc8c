/** A token or document that must not be honoured, with the code and place of the specification. */
export class Refused extends Error {
  constructor(code, at) {
    super(`${code} at ${at}`);
    this.code = code;
    this.at = at;
  }
}

export function need(good, code, at) {
  if (!good) throw new Refused(code, at);
}
