// Keep the screen awake while the pass is shown: it must not go dark in the queue. Browsers without the API just may.

async function stayAwake() {
  if (document.visibilityState !== "visible") return;
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // Refused, as with a low battery: the pass still works.
  }
}

document.addEventListener("visibilitychange", stayAwake);
stayAwake();
