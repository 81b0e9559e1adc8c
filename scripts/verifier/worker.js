"use strict";
// Python itself, as WebAssembly, with the very attest.pyz of this release: what the page says is
// what `python -m attest bundle verify` says. Nothing is fetched: what Python asks for at its
// start lies in the page, and whatever else were asked for has no way out.

let python;

async function start(parts) {
  self.fetch = async (asked) => {
    const name = String(asked).split("/").at(-1);
    if (!(name in parts)) throw new Error(`no network: ${asked}`);
    const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
    return new Response(parts[name], { headers: { "Content-Type": type } });
  };
  const module = (name) =>
    import(URL.createObjectURL(new Blob([parts[name]], { type: "text/javascript" })));
  const { loadPyodide } = await module("pyodide.mjs");
  const { default: createPyodideModule } = await module("pyodide.asm.mjs");
  const text = (name) => new TextDecoder().decode(parts[name]);
  const made = await loadPyodide({
    indexURL: "https://nowhere.invalid/",
    createPyodideModule,
    lockFileContents: text("lock.json"),
  });
  made.FS.writeFile("/attest.pyz", parts["attest.pyz"]);
  made.runPython(text("judge.py"));
  return made;
}

/** *asked.files*: by option, the files the auditor chose; read where they lie, never copied. */
function judged(asked) {
  const { FS, globals, toPy } = python;
  const folders = [];
  try {
    for (const [option, files] of Object.entries(asked.files)) {
      FS.mkdirTree(`/desk/${option}`);
      FS.mount(FS.filesystems.WORKERFS, { files }, `/desk/${option}`);
      folders.push(`/desk/${option}`);
    }
    const judge = globals.get("judge");
    return JSON.parse(judge(toPy(asked.words)));
  } finally {
    for (const folder of folders) FS.unmount(folder);
  }
}

self.onmessage = async ({ data }) => {
  try {
    python ??= await start(data.parts);
    self.postMessage({ answer: judged(data.asked) });
  } catch (wrong) {
    self.postMessage({ wrong: String(wrong) });
  }
};
