/** A picture of the page's own camera, with the code of its challenge drawn into it. */

const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ";
const LONGEST = 1600;

/**
 * As the server draws it (`trips/photo_code.py`).
 *
 * @param {Uint8Array} nonce
 * @returns {Promise<string>} `AB-72`
 */
export async function photoCode(nonce) {
  const purpose = new TextEncoder().encode("tripseal/photo/1\0");
  const whole = new Uint8Array(purpose.length + nonce.length);
  whole.set(purpose);
  whole.set(nonce, purpose.length);
  const drawn = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  const letters = [...drawn.subarray(0, 2)].map((byte) => LETTERS[byte % LETTERS.length]);
  return `${letters.join("")}-${String(drawn[2] % 100).padStart(2, "0")}`;
}

/**
 * What the camera shows now, as JPEG with *code* in its lower corner. A canvas writes no metadata.
 *
 * @param {HTMLVideoElement} video
 * @param {string} code
 * @returns {Promise<Blob>}
 */
export function taken(video, code) {
  const { videoWidth, videoHeight } = video;
  const scale = Math.min(1, LONGEST / Math.max(videoWidth, videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas to draw on");
  pen.drawImage(video, 0, 0, canvas.width, canvas.height);
  burn(pen, code);
  return new Promise((done, failed) => {
    const made = (/** @type {Blob | null} */ blob) =>
      blob ? done(blob) : failed(new Error("no picture came of it"));
    canvas.toBlob(made, "image/jpeg", 0.85);
  });
}

/** @param {CanvasRenderingContext2D} pen @param {string} code */
function burn(pen, code) {
  const { width, height } = pen.canvas;
  const size = Math.round(Math.min(width, height) / 9);
  pen.font = `700 ${size}px ui-monospace, monospace`;
  pen.textBaseline = "middle";
  const bar = Math.round(size * 1.5);
  const across = pen.measureText(code).width + size;
  pen.fillStyle = "#000";
  pen.fillRect(0, height - bar, across, bar);
  pen.fillStyle = "#fff";
  pen.fillText(code, size / 2, height - bar / 2);
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>} SHA-256 in hex, as the record has it
 */
export async function digest(blob) {
  const hashed = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return [...hashed].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
