/**
 * `<keep-offline>` has the browser keep this page for the time without a line.
 * `data-worker` is the address of the service worker, `data-scope` the page it stands in for.
 *
 * `data-state`: ready once the page would open without a line, none where a browser cannot.
 */
class KeepOffline extends HTMLElement {
  connectedCallback() {
    if (!("serviceWorker" in navigator)) this.dataset.state = "none";
    else if (navigator.onLine) void this.#keep();
  }

  async #keep() {
    const { worker = "", scope = "" } = this.dataset;
    const held = await navigator.serviceWorker.register(trusted(worker), { scope });
    navigator.serviceWorker.addEventListener("message", () => {
      this.dataset.state = "ready";
    });
    (await active(held)).postMessage("shell");
  }
}

/** @param {ServiceWorkerRegistration} held @returns {Promise<ServiceWorker>} */
async function active(held) {
  const { installing } = held;
  if (installing)
    await new Promise((resume) => {
      installing.addEventListener("statechange", () => {
        if (["activated", "redundant"].includes(installing.state)) resume(undefined);
      });
    });
  if (!held.active) throw new Error("the page cannot be kept");
  return held.active;
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
