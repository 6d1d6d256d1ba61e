// Questions of an online programme: shown and asked without a new page, because that would stop the stream.

import { started } from "./started.js";
import { released } from "./released.js";
import { timely } from "./timely.js";

const PATIENCE_MS = 10_000;
const ID = "questions-live";
const button = document.getElementById("questions-renew");

if (button) {
  button.hidden = false;
  button.addEventListener("click", () => renew(fetch(location.href, { signal: timely(PATIENCE_MS) })));
}
listen();
if (live() && live().dataset.every) setInterval(renewUnlessTyping, Number(live().dataset.every) * 1000);
started();

function live() {
  return document.getElementById(ID);
}

/** Send a question in the background; without an answer the form is sent as without scripts. */
function listen() {
  const form = document.getElementById("ask");
  if (!form) return;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const sent = await renew(fetch(form.action, { method: "POST", body: new FormData(form), signal: timely(PATIENCE_MS) }));
    if (!sent) form.submit();
    else listen();
  });
}

/** Replace the questions by those of a page that is on its way; return whether it came. */
async function renew(coming) {
  try {
    const answer = await coming;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById(ID);
    if (!found) return false;
    await released();
    live().replaceWith(document.importNode(found, true));
    return true;
  } catch {
    return false;
  }
}

/** The staff's list shows new questions by itself, but nothing that somebody types is lost. */
function renewUnlessTyping() {
  const typed = Array.from(live().querySelectorAll("input[name=answer]")).some(
    (field) => field === document.activeElement || field.value !== field.defaultValue,
  );
  if (!typed && !document.hidden) renew(fetch(location.pathname, { signal: timely(PATIENCE_MS) }));
}
