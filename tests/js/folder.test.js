/** Which files of a folder are looked at, and how far into it. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { dropped, readable } from "../../static/js/lib/folder.js";

const named = (name, type = "image/png") => new File(["x"], name, { type });

/** What a browser hands over of a dropped file or folder; folders in pieces, then nothing. */
const fileEntry = (file) => ({ isFile: true, name: file.name, file: (done) => done(file) });
const folderEntry = (name, inside) => ({
  isDirectory: true,
  isFile: false,
  name,
  createReader() {
    const pieces = inside.map((one) => [one]);
    return { readEntries: (done) => done(pieces.shift() ?? []) };
  },
});
const transfer = (entries, files = []) => ({
  items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })),
  files,
});
const names = (files) => files.map(({ name }) => name);

test("Of a folder pictures and PDF are taken, in the order people count", () => {
  const files = ["10.png", "9.png", "나.webp", "가.jpg"].map((name) =>
    named(name, name.endsWith("jpg") ? "image/jpeg" : `image/${name.split(".")[1]}`),
  );
  const others = [
    named("a.txt", "text/plain"),
    named(".x.png"),
    named("q.svg", "image/svg+xml"),
    named("paper.pdf", "application/pdf"),
  ];
  assert.deepEqual(names(readable([...files, ...others])), [
    "9.png",
    "10.png",
    "가.jpg",
    "나.webp",
    "paper.pdf",
  ]);
});

test("Loose files come as they are: what is no picture is said, not passed over", async () => {
  const note = named("note.txt", "text/plain");
  assert.deepEqual(await dropped(transfer([fileEntry(note)], [note]), 9), [note]);
});

test("A dropped folder is walked, with folders in it", async () => {
  const inner = folderEntry("11월", [fileEntry(named("2.png")), fileEntry(named("1.png"))]);
  const note = fileEntry(named("note.txt", "text/plain"));
  const outer = folderEntry("확인증", [note, inner, fileEntry(named("0.png"))]);
  assert.deepEqual(names(await dropped(transfer([outer]), 9)), ["0.png", "1.png", "2.png"]);
});

test("A folder too large, or too deep, ends", async () => {
  const many = folderEntry(
    "x",
    Array.from({ length: 50 }, (_, n) => fileEntry(named(`${n}.png`))),
  );
  assert.equal((await dropped(transfer([many]), 9)).length, 10);

  let deep = fileEntry(named("0.png"));
  for (let turn = 0; turn < 9; turn++) deep = folderEntry(`${turn}`, [deep]);
  assert.deepEqual(await dropped(transfer([deep]), 9), []);
});
