/* Read passes with the camera: zxing-wasm, loaded on the first use, from this server only. */

const READER = new URL("../vendor/zxing-wasm/reader.js", import.meta.url);
const MACHINE = new URL("../vendor/zxing-wasm/zxing_reader.wasm", import.meta.url).href;
const PAUSE_MS = 125;
const LONGEST_SIDE = 800;
const SAME_CODE_MS = 3_000;

let reader = null;

function loadReader() {
  reader = reader || new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = READER.href;
    script.onload = () => {
      window.ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => MACHINE }, fireImmediately: true }).then(
        () => resolve(window.ZXingWASM),
        reject,
      );
    };
    script.onerror = reject;
    document.head.append(script);
  }).catch((error) => {
    reader = null;
    throw error;
  });
  return reader;
}

/** Wire the camera's button: it opens and closes the picture, and each new code in it goes to `onCode`. */
export function startCamera({ button, place, words, onCode, facing = "environment" }) {
  const video = place.querySelector("video");
  const notice = place.querySelector(".notice");
  const canvas = document.createElement("canvas");
  const picture = canvas.getContext("2d", { willReadFrequently: true });
  let stream = null;
  let last = { text: "", seen: 0 };

  function say(word) {
    notice.textContent = word ? words.content.querySelector(`[data-word="${word}"]`).textContent : "";
    notice.hidden = !word;
    video.hidden = Boolean(word);
    place.classList.toggle("sees", !word);
  }

  function stop() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
    place.hidden = true;
    button.setAttribute("aria-pressed", "false");
  }

  async function start() {
    button.setAttribute("aria-pressed", "true");
    place.hidden = false;
    say("");
    try {
      const zxing = await open();
      if (stream) watch(zxing, stream);
    } catch (error) {
      const word = { NotAllowedError: "camera-refused", NotFoundError: "camera-missing", Insecure: "camera-insecure" };
      for (const track of stream?.getTracks() ?? []) track.stop();
      stream = null;
      say(word[error.name] ?? "camera-busy");
    }
  }

  async function open() {
    if (!navigator.mediaDevices?.getUserMedia) throw Object.assign(new Error("no camera here"), { name: "Insecure" });
    const loading = loadReader();
    loading.catch(() => {}); // awaited below; a refused camera is reported first
    const asked = { facingMode: { ideal: facing }, width: { ideal: 1280 }, height: { ideal: 720 } };
    const opened = await navigator.mediaDevices.getUserMedia({ video: asked, audio: false });
    if (button.getAttribute("aria-pressed") !== "true") {
      for (const track of opened.getTracks()) track.stop(); // closed again while the browser was asking
      return null;
    }
    stream = opened;
    video.srcObject = stream;
    await video.play();
    return loading;
  }

  async function watch(zxing, watched) {
    while (stream === watched) {
      try {
        await look(zxing);
      } catch (error) {
        console.error(error);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  async function look(zxing) {
    const { videoWidth: width, videoHeight: height } = video;
    if (!width || !height) return;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    picture.drawImage(video, 0, 0, canvas.width, canvas.height);
    const image = picture.getImageData(0, 0, canvas.width, canvas.height);
    const [found] = await zxing.readBarcodes(image, { formats: ["QRCode"], maxNumberOfSymbols: 1 });
    if (!found?.text) return;
    const now = performance.now();
    // A pass held before the camera is one scan, until it has been out of sight for a while.
    const isNew = found.text !== last.text || now - last.seen > SAME_CODE_MS;
    last = { text: found.text, seen: now };
    if (isNew) onCode(found.text);
  }

  button.addEventListener("click", () => (button.getAttribute("aria-pressed") === "true" ? stop() : start()));
  document.addEventListener("visibilitychange", () => document.hidden && stop());
}
