import { Refused, Unreached } from "./http.js";

export { post, Refused, Unreached } from "./http.js";

/**
 * POST one file as a form; resolve to the reply, or reject as `post` does.
 *
 * @param {string} url
 * @param {File} file
 * @returns {Promise<any>}
 */
export async function upload(url, file) {
  const body = new FormData();
  body.append("file", file);
  const csrf = document.querySelector("meta[name=csrf-token]")?.getAttribute("content") ?? "";
  const reply = await fetch(url, { method: "POST", headers: { "X-CSRFToken": csrf }, body }).catch(
    (cause) => {
      throw new Unreached("no answer", { cause });
    },
  );
  const type = reply.headers.get("Content-Type") ?? "";
  const said = type.includes("json") ? await reply.json() : {};
  if (reply.ok) return said;
  throw new Refused(reply.status, said, Number(reply.headers.get("Retry-After")) || 0);
}
