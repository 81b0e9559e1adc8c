/**
 * The service worker of every page that opens without a line, served at `/sw.js` with
 * `OFFLINE` before it: a version, and a scope each with its files and its pages, each page
 * with the shell that stands in for it.
 *
 * It keeps the files and the shells, addresses that show nobody's data, and hands them out
 * when the server does not answer. It keeps no page a person was shown, and no answer.
 *
 * @typedef {{ page: string, shell: string }} Page
 * @typedef {{ scope: string, waits: boolean, files: string[], pages: Page[] }} Scope
 *   *waits*: a new version takes over when the person says so, or once every page is closed
 */
const worker = /** @type {any} */ (self);

/** @type {{ version: string, scopes: Scope[] }} */
const { version, scopes } = worker.OFFLINE;

const { pathname } = new URL(worker.registration.scope);
const mine = /** @type {Scope} */ (scopes.find(({ scope }) => scope === pathname));
const PREFIX = `offline ${pathname} `;
const CACHE = `${PREFIX}${version}`;
// What a shell varies by (language, cookie) is the same as long as nobody answers.
const ANY = { ignoreVary: true };
/** What a proxy says of a server that is away. */
const AWAY = new Set([502, 503, 504]);

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(fill()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(begin()));
worker.addEventListener("message", (/** @type {any} */ event) => {
  if (event.data === "begin") event.waitUntil(worker.skipWaiting());
  // A page that was opened asks for its shell: only then is somebody signed in.
  else event.waitUntil(ready(event.source));
});
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const page = mine.pages.find((one) => one.page === url.pathname);
  if (url.pathname.startsWith("/static/")) event.respondWith(kept(request));
  else if (page && request.mode === "navigate") event.respondWith(opened(request, page));
});

worker.addEventListener("push", (/** @type {any} */ event) => event.waitUntil(told(event.data)));
worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(worker.clients.openWindow(event.notification.data));
});

/**
 * A notice of news, and never of which. Of one message there is one notice, however often it came.
 *
 * @param {any} data
 */
function told(data) {
  const { title, tag, url } = data.json();
  return worker.registration.showNotification(title, {
    tag,
    data: new URL(url, location.origin).href,
  });
}

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll(mine.files);
  await keepShells();
  // At once, where the page that is open came with the new files already.
  if (!mine.waits) await worker.skipWaiting();
}

async function begin() {
  await worker.clients.claim();
  await sweep();
}

/** @param {any} client */
async function ready(client) {
  await keepShells();
  await sweep();
  client.postMessage("ready");
}

/** What was kept before goes once every shell is here: a page must open on the day between. */
async function sweep() {
  // Of one that is on its way to take over, nothing is old.
  if (worker.registration.installing || worker.registration.waiting) return;
  const cache = await caches.open(CACHE);
  for (const { shell } of mine.pages) if (!(await cache.match(shell, ANY))) return;
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function keepShells() {
  const cache = await caches.open(CACHE);
  for (const { shell } of mine.pages) {
    // The line may break any moment; the next page that opens asks again.
    const reply = await fetch(shell, { cache: "no-store" }).catch(() => undefined);
    // A door to sign in at is no shell.
    if (reply?.ok && !reply.redirected) await cache.put(shell, reply);
  }
}

/** @param {Request} request */
const kept = async (request) => (await caches.match(request, ANY)) ?? fetch(request);

/** @param {Request} request @param {Page} page */
async function opened(request, { shell }) {
  try {
    const reply = await fetch(request);
    return AWAY.has(reply.status) ? ((await shellOf(shell)) ?? reply) : reply;
  } catch (away) {
    const found = await shellOf(shell);
    if (!found) throw away;
    return found;
  }
}

/** @param {string} shell of this version, else of the one before */
async function shellOf(shell) {
  const cache = await caches.open(CACHE);
  return (await cache.match(shell, ANY)) ?? caches.match(shell, ANY);
}
