/* Keep the number of people inside fresh: the server is asked again and again, and what it says is put in place. */

const EVERY_MS = 15_000;

async function refresh() {
  const place = document.getElementById("inside");
  if (!place || document.hidden) return;
  let now;
  try {
    const answer = await fetch(place.dataset.source, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    now = await answer.json();
  } catch {
    place.hidden = true; // an old number would look like the present one
    return;
  }
  place.hidden = false;
  show(place, "people", now.inside);
  show(place, "limit", now.limit);
  for (const word of place.querySelectorAll("[data-crowd]")) word.hidden = word.dataset.crowd !== now.crowd;
}

function show(place, name, number) {
  const part = place.querySelector(`[data-inside="${name}"]`);
  if (part && number !== null) part.textContent = number.toLocaleString("en");
}

setInterval(refresh, EVERY_MS);
// The desk puts new figures in place after each act: this number has moved with them.
const beside = document.getElementById("figures")?.parentElement;
if (beside) new MutationObserver(refresh).observe(beside, { childList: true });
