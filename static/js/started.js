/* The page has started: the small script in its head (templates/core/start_watch.html) waits for this. */

/** Say that the scripts of this page run; called at the end of the page's own script. */
export function started() {
  document.documentElement.dataset.started = "";
  try {
    window.sessionStorage.removeItem("reloaded");
  } catch {
    /* a browser that keeps nothing has nothing to forget */
  }
  if (window.location.search === "?kept") window.history.replaceState(null, "", window.location.pathname);
}
