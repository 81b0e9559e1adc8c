import assert from "node:assert/strict";
import test from "node:test";
import { codeOf, codesOf, letterOf, Once, Wedge } from "../../static/js/lib/scan.js";

const TEXT = `HTTPS://TRIP.EXAMPLE.KR/V#${"0123456789".repeat(20)}`;
const DIGITS = TEXT.split("#")[1];

/** Keys of one scan, `gap` milliseconds apart, ended by Enter. */
function typed(wedge, keys, gap = 2) {
  let now = 0;
  let codes;
  for (const key of [...keys, { key: "Enter", code: "Enter" }]) {
    now += gap;
    codes = wedge.press(key, now) ?? codes;
  }
  return codes;
}

const plain = (text) => [...text].map((key) => ({ key, code: "", shiftKey: false }));

function composed(char) {
  const signs = { ":": "Semicolon", "/": "Slash", "#": "Digit3", ".": "Period" };
  const code = signs[char] ?? (/\d/.test(char) ? `Digit${char}` : `Key${char}`);
  return { key: "Process", code, shiftKey: /[A-Z:#]/.test(char) };
}

test("the digits after the last # matter", () => {
  assert.deepEqual(typed(new Wedge(), plain(TEXT)), [DIGITS]);
  assert.equal(codeOf("  2JC8-PN28-H6W3 "), "2JC8-PN28-H6W3");
});

test("Hangul on the keyboard does no harm", () => {
  assert.deepEqual(typed(new Wedge(), [...TEXT].map(composed)), [DIGITS]);
  assert.equal(letterOf({ key: "ㅗ", code: "KeyH", shiftKey: true }), "H");
});

test("an input method that swallows the letters and the sign leaves the digits", () => {
  const swallowed = [...TEXT].map((key) =>
    /\d/.test(key)
      ? { key, code: "", shiftKey: false }
      : { key: "Process", code: "", shiftKey: false },
  );
  assert.deepEqual(typed(new Wedge(), swallowed), [DIGITS]);
  assert.equal(codeOf(`ㅗㅆㅆㅖㄴ://ㅆ걔ㅔ/ㅍ#${DIGITS}`), DIGITS);
  assert.equal(codeOf(`ㅗㅆㅆㅖㄴ://ㅆ걔ㅔ/ㅍ${DIGITS}`), DIGITS);
});

test("two codes without an Enter between them are two", () => {
  const other = `${TEXT.slice(0, -1)}0`;
  assert.deepEqual(typed(new Wedge(), plain(TEXT + other)), [DIGITS, other.split("#")[1]]);
  assert.deepEqual(codesOf(TEXT.slice(0, 100) + TEXT), [DIGITS]);
});

test("half a code stays what it is, for the server to refuse", () => {
  assert.deepEqual(typed(new Wedge(), plain(TEXT.slice(0, 90))), [TEXT.slice(26, 90)]);
});

test("Shift and its like are no letters", () => {
  for (const key of ["Shift", "CapsLock", "F2"]) {
    assert.equal(letterOf({ key, code: key, shiftKey: false }), undefined);
  }
});

test("a printable key is taken as it is, whatever the physical one says", () => {
  assert.equal(letterOf({ key: "#", code: "Digit3", shiftKey: false }), "#");
});

test("slow keys are somebody's fingers", () => {
  assert.equal(typed(new Wedge(), plain(TEXT), 200), undefined);
});

test("a few quick keys are no code", () => {
  assert.equal(typed(new Wedge(), plain("hello")), undefined);
});

test("one code stays one while it is in view, and for three seconds after", () => {
  const once = new Once();
  assert.deepEqual(
    [0, 2_000, 4_000, 7_001].map((now) => once.isNew("a", now)),
    [true, false, false, true],
  );
  assert.equal(once.isNew("b", 7_002), true);
});
