/**
 * What a traveller's phone keeps across restarts, in IndexedDB: `held` has one thing a name,
 * `outbox` touches the server has yet to answer for, `challenges` its questions for the time
 * without a line, `promises` what the log has promised. What is in the last three names its owner: a phone may change hands.
 */
import { openDB } from "../../vendor/idb/index.js";

/** @type {ReturnType<typeof openDB> | undefined} */
let opened;

export function phone() {
  opened ??= openDB("tripseal-phone", 2, {
    upgrade(database, before) {
      if (before < 1) {
        database.createObjectStore("held");
        database.createObjectStore("outbox", { keyPath: "id" });
        database.createObjectStore("challenges", { keyPath: "id" });
      }
      database.createObjectStore("promises", { keyPath: "leaf" });
    },
    // A page of a newer version shall not wait until this one is closed.
    blocking(_, __, event) {
      /** @type {IDBDatabase} */ (event.target).close();
      opened = undefined;
    },
  });
  return opened;
}

/** @param {string} name @returns {Promise<any>} undefined where nothing is held */
export const held = async (name) => (await phone()).get("held", name);

/** @param {string} name @param {unknown} value */
export const hold = async (name, value) => (await phone()).put("held", value, name);

/** @param {string} name */
export const drop = async (name) => (await phone()).delete("held", name);
