/* Sign in again on the desk itself, with everything that waits still on it. */

import { word } from "./desk-draw.js";
import { readPage } from "./ours.js";
import { timely } from "./timely.js";

const PATIENCE_MS = 10_000;

const load = async (path, options = {}) => {
  const response = await fetch(path, { headers: { Accept: "text/html" }, signal: timely(PATIENCE_MS), ...options });
  const page = readPage(await response.text());
  if (!page) throw new Error("not the server's own page");
  return { path: new URL(response.url).pathname, page };
};

/** Wire the form; `onDone` is called after the sign-in. */
export function startSignIn(form, onDone) {
  const [name, password] = form.querySelectorAll("input");
  const problem = form.querySelector(".error");

  async function signIn() {
    const { page } = await load("/sign-in?next=/desk");
    const token = page.querySelector('meta[name="csrf-token"]').content;
    const body = new URLSearchParams({ csrf_token: token, next: "/desk", name: name.value, password: password.value });
    const answer = await load("/sign-in", { method: "POST", body });
    if (answer.path === "/desk") return "";
    const told = answer.page.querySelector("#password-error, #name-error")?.textContent.trim();
    return told || word("sign-in-elsewhere");
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    let told;
    try {
      told = await signIn();
    } catch {
      told = word("lookup-offline");
    }
    password.value = "";
    problem.textContent = told;
    problem.hidden = !told;
    if (!told) await onDone();
  });
}
