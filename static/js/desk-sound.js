/* Short tones and vibrations, different for each outcome, so that the eyes may stay on the group. */

const KEY = "desk-sound";
const TUNES = {
  admitted: [[660, 0, 0.09], [990, 0.1, 0.16]],
  repeated: [[520, 0, 0.1], [520, 0.16, 0.1], [520, 0.32, 0.1]],
  asked: [[520, 0, 0.1], [520, 0.16, 0.1], [520, 0.32, 0.1]],
  taken_back: [[660, 0, 0.1], [440, 0.11, 0.16]],
  left: [[880, 0, 0.09], [590, 0.1, 0.16]],
  refused: [[190, 0, 0.22], [150, 0.24, 0.34]],
};
/** Milliseconds of vibration, pause, vibration, …: felt apart in the hand that holds the device. */
const PATTERNS = {
  admitted: [80],
  repeated: [60, 70, 60, 70, 60],
  asked: [60, 70, 60, 70, 60],
  taken_back: [60, 90, 140],
  left: [140, 90, 60],
  refused: [350, 120, 350],
};
let context = null;

export const isOn = () => window.localStorage.getItem(KEY) !== "off";

export function toggle() {
  window.localStorage.setItem(KEY, isOn() ? "off" : "on");
}

/**
 * Play an outcome's tune, and vibrate its pattern where the device can; neither where it is unknown, or not allowed
 * before the first touch or key. A silent hall turns the sound off and still feels the vibration.
 */
export function play(outcome) {
  const tune = TUNES[outcome];
  if (!tune || !navigator.userActivation?.hasBeenActive) return;
  navigator.vibrate?.(PATTERNS[outcome]);
  if (!isOn()) return;
  context = context || new AudioContext();
  context.resume();
  for (const [pitch, begins, lasts] of tune) sound(pitch, context.currentTime + begins, lasts, outcome === "refused");
}

function sound(pitch, begins, lasts, harsh) {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.type = harsh ? "square" : "sine";
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, begins);
  volume.gain.linearRampToValueAtTime(harsh ? 0.12 : 0.3, begins + 0.01);
  volume.gain.linearRampToValueAtTime(0, begins + lasts);
  tone.connect(volume).connect(context.destination);
  tone.start(begins);
  tone.stop(begins + lasts);
}
