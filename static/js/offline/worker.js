/**
 * The service worker of every page that opens without a line, served at `/sw.js` with
 * `OFFLINE` before it: a version, and a page each with its scope, its shell and its files.
 *
 * It keeps the files and the shell, an address that shows nobody's data, and hands them out
 * when the server does not answer. It keeps no page a person was shown, and no answer.
 *
 * @typedef {{ scope: string, shell: string, files: string[] }} Page
 */
const worker = /** @type {any} */ (self);

/** @type {{ version: string, pages: Page[] }} */
const { version, pages } = worker.OFFLINE;

const { pathname } = new URL(worker.registration.scope);
const mine = pages.filter(({ scope }) => scope.startsWith(pathname));
const files = new Set(mine.flatMap((page) => page.files));
const PREFIX = `offline ${pathname} `;
const CACHE = `${PREFIX}${version}`;
// What a shell varies by (language, cookie) is the same as long as nobody answers.
const ANY = { cacheName: CACHE, ignoreVary: true };

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(fill()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(begin()));
// A page that was opened asks for its shell: only then is somebody signed in.
worker.addEventListener("message", (/** @type {any} */ event) =>
  event.waitUntil(keepShells().then(() => event.source.postMessage("ready"))),
);
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const page = mine.find(({ scope }) => scope === url.pathname);
  if (files.has(url.pathname)) event.respondWith(kept(request));
  else if (page && request.mode === "navigate") event.respondWith(opened(request, page));
});

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll([...files]);
  // At once: the page that is open came with the new files already.
  await worker.skipWaiting();
}

async function begin() {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
  try {
    await keepShells();
  } catch (away) {
    // The line broke just now. The next page that opens asks for its shell again.
    if (!(away instanceof TypeError)) throw away;
  }
}

async function keepShells() {
  const cache = await caches.open(CACHE);
  for (const { shell } of mine) {
    const reply = await fetch(shell, { cache: "no-store" });
    // A door to sign in at is no shell.
    if (reply.ok && !reply.redirected) await cache.put(shell, reply);
  }
}

/** @param {Request} request */
const kept = async (request) => (await caches.match(request, ANY)) ?? fetch(request);

/** @param {Request} request @param {Page} page */
async function opened(request, { shell }) {
  try {
    return await fetch(request);
  } catch (away) {
    const found = await caches.match(shell, ANY);
    if (!found) throw away;
    return found;
  }
}
