// The page of an online programme: the countdown, the stream, and the beats by which presence is measured.

import { started } from "./started.js";
import { timely } from "./timely.js";

const PATIENCE_MS = 10_000;
const AGAIN_MS = 20_000;

const countdown = document.getElementById("countdown");
const presence = document.getElementById("presence");
const video = document.getElementById("stream");

// How far the clock of the server is ahead of the screen's own, which may be wrong by minutes.
const ahead = Number((countdown || presence || { dataset: { now: 0 } }).dataset.now) * 1000 - Date.now();

if (countdown) countDown();
if (presence) beat();
if (presence && "waits" in presence.dataset) setTimeout(() => location.reload(), AGAIN_MS);
if (video && video.dataset.hls) play();
started();

/** Show the time that is left, and open the page in time; a second later for some, so that not all ask at once. */
function countDown() {
  const left = Math.ceil(Number(countdown.dataset.opens) - (Date.now() + ahead) / 1000);
  if (left <= 0) {
    setTimeout(() => location.reload(), 1000 + Math.random() * 4000);
    return;
  }
  const shown = document.getElementById("countdown-time");
  const days = Math.floor(left / 86_400);
  const clock = [Math.floor(left / 3600) % 24, Math.floor(left / 60) % 60, left % 60];
  shown.textContent = (days ? `${days} ${countdown.dataset.day} ` : "") + clock.map((part) => String(part).padStart(2, "0")).join(":");
  shown.hidden = false;
  setTimeout(countDown, 1000);
}

/** Say that this screen follows the session; a lost beat is repaired by the next one. */
async function beat() {
  try {
    await fetch(presence.dataset.beat, {
      method: "POST",
      headers: { "Content-Type": "text/plain", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
      body: presence.dataset.token,
      signal: timely(PATIENCE_MS),
    });
  } catch {
    /* the next one says the same */
  }
  const ended = (Date.now() + ahead) / 1000 - Number(presence.dataset.ends);
  if (ended > 300) location.reload();
  else setTimeout(beat, Number(presence.dataset.every) * 1000);
}

/** Play the stream by the player that is served from here, else by the browser's own. */
function play() {
  const trouble = document.getElementById("stream-trouble");
  if (window.Hls && window.Hls.isSupported()) {
    const player = new window.Hls({ enableWorker: false });
    player.on(window.Hls.Events.ERROR, (_event, data) => {
      if (!data.fatal) return;
      trouble.hidden = false;
      setTimeout(() => player.loadSource(video.dataset.hls), AGAIN_MS);
    });
    player.on(window.Hls.Events.MANIFEST_PARSED, () => {
      trouble.hidden = true;
    });
    player.loadSource(video.dataset.hls);
    player.attachMedia(video);
  } else {
    video.src = video.dataset.hls;
    video.addEventListener("error", () => {
      trouble.hidden = false;
    });
  }
}
