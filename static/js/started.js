/* The page has started: the small script in its head (templates/core/start_watch.html) waits for this. */

/** Report that the scripts of this page run; called at the end of the page's own script. */
export function started() {
  document.documentElement.dataset.started = "";
  try {
    window.sessionStorage.removeItem("reloaded");
  } catch {
    /* without storage there is nothing to remove */
  }
  if (window.location.search === "?kept") window.history.replaceState(null, "", window.location.pathname + window.location.hash);
}
