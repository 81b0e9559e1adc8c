/** What a receipt may come as: beside them a folder holds notes, previews and hidden files. */
const READABLE = /^(?:image\/(?:png|jpeg|webp)|application\/pdf)$/;
/** Folders in folders in folders: deeper nobody keeps receipts. */
const DEEPEST = 8;

/** @param {Iterable<File>} files of a folder @returns {File[]} those that may hold receipts, by name */
export function readable(files) {
  const path = (/** @type {File} */ file) => file.webkitRelativePath || file.name;
  const all = [...files].filter(({ type, name }) => READABLE.test(type) && !name.startsWith("."));
  return all.sort((one, other) => path(one).localeCompare(path(other), "ko", { numeric: true }));
}

/**
 * What was dropped: files as they are, and of each folder what may hold receipts. It looks no
 * further once there are more than *most*.
 *
 * @param {DataTransfer} transfer
 * @param {number} most
 * @returns {Promise<File[]>}
 */
export async function dropped(transfer, most) {
  // All at once: after the first pause a browser has forgotten what was dropped.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? undefined);
  const loose = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return loose;
  /** @type {File[]} */
  const found = [];
  for (const entry of entries) if (entry) await gather(entry, found, most, entry.isFile ? 0 : 1);
  return found;
}

/**
 * @param {FileSystemEntry} entry
 * @param {File[]} found
 * @param {number} most
 * @param {number} depth 0 for a file that was dropped by itself
 */
async function gather(entry, found, most, depth) {
  if (found.length > most || depth > DEEPEST) return;
  if (entry.isFile) {
    const file = await fileOf(/** @type {FileSystemFileEntry} */ (entry));
    found.push(...(depth ? readable([file]) : [file]));
    return;
  }
  const inside = await entriesOf(/** @type {FileSystemDirectoryEntry} */ (entry));
  for (const one of inside) await gather(one, found, most, depth + 1);
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

/** @param {FileSystemDirectoryEntry} folder by name */
async function entriesOf(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const found = [];
  // A browser hands over a hundred at a time, and none at the end.
  for (;;) {
    const some = await new Promise(
      /** @param {(some: FileSystemEntry[]) => void} resolve */
      (resolve, reject) => reader.readEntries(resolve, reject),
    );
    if (some.length === 0) break;
    found.push(...some);
  }
  return found.sort((a, b) => a.name.localeCompare(b.name, "ko", { numeric: true }));
}
