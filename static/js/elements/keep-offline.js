/**
 * `<keep-offline>` has the browser keep this page for the time without a line.
 * `data-worker` is the address of the service worker, `data-scope` the page it stands in for.
 * A button inside shows when a new version waits, and takes it: nothing reloads by itself.
 *
 * `data-state`: ready once the page would open without a line, none where a browser cannot.
 */
class KeepOffline extends HTMLElement {
  connectedCallback() {
    if (!("serviceWorker" in navigator)) this.dataset.state = "none";
    else void this.#keep();
  }

  async #keep() {
    const { worker = "", scope = "" } = this.dataset;
    const { serviceWorker } = navigator;
    serviceWorker.addEventListener("message", () => {
      this.dataset.state = "ready";
    });
    try {
      const held = await serviceWorker.register(trusted(worker), { scope });
      this.#offer(held);
      // A shell names the files of its version: they come first.
      await held.update();
      await settled(held);
      held.active?.postMessage("shell");
    } catch (away) {
      if (!(away instanceof TypeError)) throw away;
      const known = await serviceWorker.getRegistration(scope);
      if (known) this.#offer(known);
    }
  }

  /** @param {ServiceWorkerRegistration} held */
  #offer(held) {
    const button = this.querySelector("button");
    if (!button) return;
    const show = () => {
      // The very first one waits for a moment as well; there is nothing it could replace.
      this.hidden = !held.waiting || !held.active;
    };
    button.addEventListener("click", () => {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
      held.waiting?.postMessage("begin");
    });
    held.addEventListener("updatefound", () => {
      held.installing?.addEventListener("statechange", show);
    });
    show();
  }
}

/** @param {ServiceWorkerRegistration} held resolves once a worker has all its files */
async function settled(held) {
  const { installing } = held;
  if (!installing) return;
  const over = held.active ? ["installed", "activated"] : ["activated"];
  await new Promise((resume) => {
    const look = () => [...over, "redundant"].includes(installing.state) && resume(undefined);
    installing.addEventListener("statechange", look);
    look();
  });
}

/**
 * This one address and no other may become a script here.
 *
 * @param {string} address
 */
function trusted(address) {
  const { trustedTypes } = /** @type {any} */ (globalThis);
  if (!trustedTypes) return address;
  const only = (/** @type {string} */ asked) => {
    if (asked !== "/sw.js") throw new TypeError("not the service worker");
    return asked;
  };
  return trustedTypes.createPolicy("offline", { createScriptURL: only }).createScriptURL(address);
}

customElements.define("keep-offline", KeepOffline);
