/* Hand-held scanners: a scanner is a keyboard that types faster than anybody can, and ends in Enter, Tab or nothing.
 *
 * A fast burst of keys is read by the keys themselves (`event.code`) where their characters make no sense, so that it
 * arrives whole wherever the focus is, and whatever an input method or the layout of the computer makes of it: a Chinese
 * input method turns keystrokes into candidates, full-width signs and events without a character. What the burst had typed into a field is taken out again, and what ends it does nothing else: no
 * form is sent, no focus moves. Keys that come slower are a person's, and are left alone.
 */

const KEYS = 8; // this many keys within this time are not typed by hand
const SPAN_MS = 300;
const GAP_MS = 60; // between two keys of one burst, before it is known as one
const PAUSE_MS = 120; // after a whole code, or after the end of a burst
const LONG_PAUSE_MS = 800; // after anything else, and in the middle of a code: a busy computer stalls
const TAIL_MS = 100; // some scanners send the end of a scan twice
const SIGNS = {
  Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:", Quote: "'\"",
  Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?", Space: "  ", NumpadDivide: "//", NumpadMultiply: "**",
  NumpadSubtract: "--", NumpadAdd: "++", NumpadDecimal: "..",
};
const SHIFTED_DIGITS = ")!@#$%^&*(";
const AIM = /^\s*[\]\uff3d\u3011][A-Za-z\uff21-\uff3a\uff41-\uff5a][0-9A-Za-z\uff10-\uff19]/;
const ADDRESS = /^[a-z][a-z0-9+.-]+:\/\/[^\s/]/i;
const REFERENCE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"; // see booking/reference.py
const WHOLE = /^(?:https?:\/\/[^\s/?#]+\/[a-z]\/)?[a-z2-7]{32}\/?$/i;
const INSIDE = /https?:\/\/[^\s/?#]+\/[a-z]\/[a-z2-7]{32}(?![a-z0-9])/i;

/** A scan without the AIM identifier (ISO/IEC 15424: `]Q1`), which some scanners send in front of it. */
export const withoutSymbology = (text) => text.replace(AIM, "");

/** Whether a text is a whole code of a pass or a badge: nothing of it can still be missing. */
export const isWhole = (text) => WHOLE.test(withoutSymbology(text).trim());

/** The character of a key, in the layout of this computer; null where an input method has it. */
const typedBy = (event) => (!event.isComposing && event.key.length === 1 ? event.key : null);

/** The character of a key on the keyboard that scanners think they are, a US one; null for any other key. */
function struckBy(event) {
  const { code, shiftKey } = event;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return shiftKey !== event.getModifierState("CapsLock") ? letter : letter.toLowerCase();
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1];
  if (digit) return shiftKey && code.startsWith("Digit") ? SHIFTED_DIGITS[digit] : digit;
  return SIGNS[code]?.[shiftKey ? 1 : 0] ?? null;
}

/** Whether this is a reference, by its check character. */
function isReference(text) {
  const values = [...text.toUpperCase()].filter((sign) => /[A-Z0-9]/.test(sign)).map((sign) => REFERENCE.indexOf(sign));
  if (values.length !== 8 || values.includes(-1)) return false;
  return values.reduce((sum, value, place) => sum + value * (place + 1), 0) % REFERENCE.length === 0;
}

/** What makes one reading of a scan likelier than another: the shape of what halls print, then that of any address. */
const SHAPES = [isWhole, (text) => INSIDE.test(text), (text) => ADDRESS.test(withoutSymbology(text)), (text) => isReference(withoutSymbology(text))];

const isEnd = ({ key, code }) => [key, code].some((one) => one === "Enter" || one === "Tab" || one === "NumpadEnter");
const isModifier = ({ key }) => ["Shift", "CapsLock", "AltGraph"].includes(key);

/**
 * Give each scan to `onScan`, wherever it was typed. `field` finds the field for scans; keys typed in what `leaveAlone`
 * (a selector) matches are never a scan: a password manager types as fast.
 */
export function listenForScans(onScan, { field, leaveAlone = "[data-no-scan]" }) {
  let keys = []; // what was typed so far: each with its time, and what stood in the fields before it
  let isScan = false;
  let timer = null;
  let tailUntil = 0;
  let isForeign = false; // an earlier scan made sense only by the places of its keys: this computer's layout is not the scanner's

  function forget() {
    clearTimeout(timer);
    keys = [];
    isScan = false;
  }

  function fieldsNow() {
    const places = [document.activeElement, field()].filter((one) => one?.matches?.("input, textarea, select"));
    return places.map((place) => [place, place.value]);
  }

  function putBack() {
    for (const [place, value] of keys[0].before) {
      if (place.value === value) continue;
      place.value = value;
      place.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  /** Whether the last keys came faster than fingers; then the burst begins where its first key was. */
  function recognise() {
    if (keys.length < KEYS || last().at - keys[keys.length - KEYS].at > SPAN_MS) return;
    let begin = keys.length - KEYS;
    while (begin > 0 && keys[begin].at - keys[begin - 1].at <= GAP_MS) begin -= 1;
    keys = keys.slice(begin);
    isScan = true;
    document.activeElement?.blur(); // where nothing takes text, no input method is at work
    putBack();
  }

  const read = (way) => keys.map((one) => one[way] ?? one.struck ?? one.typed).join("");

  /**
   * What was scanned: the keys as this computer reads them, or by their places, as a scanner with the US layout means
   * them at a French, German or Russian keyboard; whichever makes sense.
   */
  function reading() {
    const [typed, struck] = [read("typed"), read("struck")];
    if (typed === struck) return typed;
    for (const fits of SHAPES) {
      const [byTyped, byStruck] = [fits(typed), fits(struck)];
      if (byTyped !== byStruck) {
        isForeign = byStruck;
        return byStruck ? struck : typed;
      }
    }
    return isForeign || !/^[\x20-\x7e\n]*$/.test(typed) ? struck : typed;
  }

  function finish() {
    let text = withoutSymbology(reading().trim());
    const at = keys[0].before.find(([place]) => place === field());
    const stood = at ? at[1] : "";
    if (!isWhole(text) && isWhole(stood + text)) {
      text = stood + text; // it stalled so early that its beginning was taken for a person's
      keys[0].before = keys[0].before.map(([place, value]) => [place, place === field() ? "" : value]);
    }
    putBack();
    forget();
    tailUntil = performance.now() + TAIL_MS;
    onScan(INSIDE.exec(text)?.[0] ?? text);
  }

  const last = () => keys[keys.length - 1];
  const isOver = () => isWhole(read("typed")) || isWhole(read("struck"));

  function wait() {
    clearTimeout(timer);
    const isLikelyOver = last().typed === "\n" || isOver();
    timer = setTimeout(finish, isLikelyOver ? PAUSE_MS : LONG_PAUSE_MS);
  }

  function swallow(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  function end(event) {
    if (!isScan) {
      forget();
      if (performance.now() < tailUntil) swallow(event);
      return;
    }
    swallow(event);
    if (isOver()) finish();
    else {
      keys.push({ ...last(), typed: "\n", struck: "\n" }); // of a text with several lines, perhaps: a contact, an address
      wait();
    }
  }

  function onKey(event) {
    if (isModifier(event)) return;
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(leaveAlone)) {
      if (!isScan) forget();
      return;
    }
    if (isEnd(event)) return end(event);
    tailUntil = 0;
    const [typed, struck] = [typedBy(event), struckBy(event)];
    if (typed === null && struck === null) {
      if (!isScan) forget();
      return;
    }
    if (!isScan && keys.length && event.timeStamp - last().at > SPAN_MS) forget();
    keys.push({ typed, struck, at: event.timeStamp, before: isScan ? [] : fieldsNow() });
    if (!isScan) recognise();
    if (!isScan) return;
    swallow(event);
    wait();
  }

  // A keyboard that does not say its keys (some tablets) fills the field: a whole code there is a scan.
  let filled = null;
  function onInput({ target }) {
    if (target !== field() || isScan) return;
    clearTimeout(filled);
    if (!isWhole(target.value)) return;
    const text = target.value;
    filled = setTimeout(() => {
      if (target.value !== text) return;
      target.value = "";
      onScan(withoutSymbology(text).trim());
    }, PAUSE_MS);
  }

  window.addEventListener("keydown", onKey, true);
  document.addEventListener("input", onInput);
}
