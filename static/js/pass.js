// Keep the screen awake while the pass is shown, so that it does not go dark in the queue, if the browser can do it.

async function stayAwake() {
  if (document.visibilityState !== "visible") return;
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // The browser refused, for example because of a low battery: the pass still works.
  }
}

document.addEventListener("visibilitychange", stayAwake);
stayAwake();
