import qrcodegen from "../../vendor/nayuki-qr-code-generator/index.js";
import { drawn } from "./qr.js";

/**
 * Any text as a QR of the size it needs.
 *
 * @param {string} text
 * @param {string} name what it is, for those who do not see it
 * @returns {SVGSVGElement}
 */
export function drawPlain(text, name) {
  const code = qrcodegen.QrCode.encodeText(text, qrcodegen.QrCode.Ecc.MEDIUM);
  const line = Array.from({ length: code.size }, (_, index) => index);
  return drawn(
    line.map((y) => line.map((x) => code.getModule(x, y))),
    name,
  );
}
