/**
 * What a machine keeps across restarts, in IndexedDB: `held` has one thing a name, `queue`
 * texts of codes that the server has yet to judge, each once.
 *
 * Both are kept by the machine, not by a person: whoever works at the desk goes on with them.
 */
import { openDB } from "../../vendor/idb/index.js";

/** @type {ReturnType<typeof openDB> | undefined} */
let opened;

export function store() {
  opened ??= openDB("tripseal-desk", 1, {
    upgrade(database) {
      database.createObjectStore("held");
      database.createObjectStore("queue", { keyPath: "text" });
    },
  });
  return opened;
}

/** @param {string} name @returns {Promise<any>} undefined where nothing is held */
export const held = async (name) => (await store()).get("held", name);

/** @param {string} name @param {unknown} value */
export const hold = async (name, value) => (await store()).put("held", value, name);

/** @param {string} name */
export const drop = async (name) => (await store()).delete("held", name);
