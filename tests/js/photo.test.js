import assert from "node:assert/strict";
import test from "node:test";
import { digest, photoCode } from "../../static/js/lib/photo.js";
import { canonical, record } from "../../static/js/lib/record.js";

test("the code is the one the server draws", async () => {
  assert.equal(await photoCode(Uint8Array.from({ length: 32 }, (_, n) => n)), "VH-27");
  assert.equal(await photoCode(new Uint8Array(32)), "KE-86");
});

test("the hash of a picture is written in hex and stands in the record", async () => {
  const photo_sha256 = await digest(new Blob(["abc"]));
  const said = JSON.parse(
    record(
      {
        id: "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5",
        kind: "stop",
        trip: null,
        at_ms: 1,
        sight: { state: "refused", fixes: [], errors_between: 0 },
        device: {
          automated: false,
          form: "phone",
          motion: "unknown",
          patched: false,
          utc_offset_min: 540,
        },
        photo_sha256,
      },
      { id: "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5" },
    ),
  );

  assert.equal(photo_sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(said.photo_sha256, photo_sha256);
  assert.equal(canonical(said).includes(photo_sha256), true);
});
