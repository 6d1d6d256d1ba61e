/* Other desks act too: ask lightly whether anything has happened, so that no card lies here with old numbers. */

import { heard } from "./desk-clock.js";
import { timely } from "./timely.js";

const PULSE_MS = 5_000;
const PATIENCE_MS = 4_000;

/** The hall's last event, by the server; throws where it does not answer. */
export async function pulse(patience = PATIENCE_MS) {
  const response = await fetch("/desk/pulse", { headers: { Accept: "application/json" }, cache: "no-store", redirect: "manual", signal: timely(patience) });
  if (!response.ok) throw Object.assign(new Error(`answer ${response.status}`), { status: response.status });
  const answer = await response.json();
  heard(answer.now);
  return answer.latest;
}

/** Call `onNews` whenever the server knows a later event than the page shows. */
export function startWatch({ shown, isOffline, onNews }) {
  let isAsking = false;

  async function look() {
    if (isAsking || isOffline() || document.hidden) return;
    isAsking = true;
    try {
      if ((await pulse()) > shown()) onNews();
    } catch {
      /* the next act reports it */
    } finally {
      isAsking = false;
    }
  }

  setInterval(look, PULSE_MS);
  window.addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);
}
