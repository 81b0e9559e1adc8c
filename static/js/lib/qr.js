import qrcodegen from "../../vendor/nayuki-qr-code-generator/index.js";

const QUIET = 4;
const MASK = 2;
const SVG = "http://www.w3.org/2000/svg";

/**
 * The modules of a receipt: bit for bit those the server draws (token.md §6).
 *
 * @param {string} text `HTTPS://HOST/V#` and digits
 * @returns {boolean[][]}
 */
export function modules(text) {
  const [head, digits] = text.split("#");
  const { QrCode, QrSegment } = qrcodegen;
  const code = QrCode.encodeSegments(
    // Three segments: as one text the same words would need a third more modules.
    [
      QrSegment.makeAlphanumeric(head),
      QrSegment.makeBytes([0x23]),
      QrSegment.makeNumeric(digits ?? ""),
    ],
    QrCode.Ecc.MEDIUM,
    11,
    13,
    MASK,
    false,
  );
  const line = Array.from({ length: code.size }, (_, index) => index);
  return line.map((y) => line.map((x) => code.getModule(x, y)));
}

/**
 * One run-length path for all dark modules, the quiet zone left free: the first run of a row
 * from its place, the others from the one before.
 *
 * @param {boolean[][]} rows
 * @returns {string}
 */
export function path(rows) {
  const runs = [];
  for (const [y, row] of rows.entries()) {
    let before = -1;
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue;
      const start = x;
      while (row[x + 1]) x++;
      const length = x - start + 1;
      const place = before < 0 ? `M${start + QUIET} ${y + QUIET}` : `m${start - before} 0`;
      runs.push(`${place}h${length}v1h-${length}z`);
      before = start;
    }
  }
  return runs.join("");
}

/**
 * @param {string} text
 * @param {string} name what it is, for those who do not see it
 * @returns {SVGSVGElement}
 */
export function draw(text, name) {
  return drawn(modules(text), name);
}

/**
 * @param {boolean[][]} rows
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function drawn(rows, name) {
  const side = rows.length + 2 * QUIET;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${side} ${side}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", name);
  svg.append(part(`M0 0h${side}v${side}H0z`, "#fff"), part(path(rows), "#000"));
  return svg;
}

/**
 * @param {string} d
 * @param {string} fill
 */
function part(d, fill) {
  const drawn = document.createElementNS(SVG, "path");
  drawn.setAttribute("d", d);
  drawn.setAttribute("fill", fill);
  return drawn;
}
