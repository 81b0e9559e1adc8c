/**
 * What kind of device this is, as far as a page may know. It proves nothing.
 *
 * @returns {import("./record.js").Device}
 */
export function device() {
  return {
    automated: navigator.webdriver === true,
    form: form(),
    motion: "unknown",
    patched: patched(),
    utc_offset_min: offset(),
  };
}

function form() {
  const agent = navigator.userAgent;
  if (/iPad|Tablet|SM-T|Macintosh.*Mobile/.test(agent)) return "tablet";
  if (/Mobi|iPhone/.test(agent)) return "phone";
  // An iPad asks for desktop pages by default and calls itself a Macintosh.
  if (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1) return "tablet";
  if (/Android/.test(agent)) return "tablet";
  return /Windows|Macintosh|X11|CrOS/.test(agent) ? "desktop" : "unknown";
}

/** Whether the position function was replaced: by an extension, or by a tool. */
function patched() {
  const { geolocation } = navigator;
  if (!geolocation) return false;
  const source = Function.prototype.toString.call(geolocation.watchPosition);
  return !source.includes("[native code]") || Object.hasOwn(geolocation, "watchPosition");
}

function offset() {
  const minutes = -new Date().getTimezoneOffset();
  return minutes >= -720 && minutes <= 840 ? minutes : null;
}

/** Whose settings to explain when a position was refused. */
export function system() {
  const agent = navigator.userAgent;
  if (/SamsungBrowser/.test(agent)) return "samsung";
  if (/Android/.test(agent)) return "android";
  return /iPhone|iPad/.test(agent) ? "iphone" : "computer";
}
