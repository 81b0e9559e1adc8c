/**
 * The reader of QR codes, loaded at its first use and once.
 *
 * @typedef {typeof import("../../vendor/zxing-wasm/reader.js")} Reader
 */

/** @type {Promise<Reader> | undefined} */
let loaded;

const MOST_PIXELS = 24_000_000;

/** @type {import("../../vendor/zxing-wasm/reader.js").ReaderOptions} */
const OPTIONS = { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 60 };

/** @param {string} wasm its own code's address; without it the reader would ask a foreign server */
export function reader(wasm) {
  loaded ??= load(wasm);
  return loaded;
}

/** @param {string} wasm */
async function load(wasm) {
  const module = await import("../../vendor/zxing-wasm/reader.js");
  await module.prepareZXingModule({
    overrides: { locateFile: () => wasm },
    fireImmediately: true,
  });
  return module;
}

/**
 * The text of every code in a picture, each once; none where this browser finds none in it,
 * or cannot open it: the server may.
 *
 * @param {File} file
 * @param {string} wasm
 * @returns {Promise<string[]>}
 */
export async function codesIn(file, wasm) {
  const picture = await opened(file);
  if (!picture) return [];
  const found = await (await reader(wasm)).readBarcodes(picture, OPTIONS);
  return [...new Set(found.filter(({ isValid }) => isValid).map(({ text }) => text))];
}

/** @param {File} file */
async function opened(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    if (width * height > MOST_PIXELS) return undefined;
    const pen = new OffscreenCanvas(width, height).getContext("2d");
    pen?.drawImage(bitmap, 0, 0);
    bitmap.close();
    return pen?.getImageData(0, 0, width, height);
  } catch (wrong) {
    // Not a picture this browser knows. The server says what it is.
    if (wrong instanceof DOMException) return undefined;
    throw wrong;
  }
}
