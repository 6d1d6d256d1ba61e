/* Keep a scanner's keystrokes where they belong: in the scan field, wherever the focus was. */

const scanField = () => document.getElementById("q");
const fine = window.matchMedia("(pointer: fine)");
const PASS = /https?:\/\/[^\s/]+\/t\/[a-z2-7]{32}/i;

/**
 * Give the focus back to the scan field, unless somebody is filling in a form. On a touch screen it would call the
 * keyboard up over the card, so there it stays away until a key is pressed.
 */
export function backToScan({ always = false } = {}) {
  if (!fine.matches && !always) return;
  if (always || !isFilling(document.activeElement)) scanField().focus();
}

function isFilling(element) {
  return element?.matches("#walk-in input, #walk-in select, #leaving input, #card input, #card select, #card textarea") ?? false;
}

/** Whether a field takes free text, so that a letter typed there is meant for it. */
function takesText(element) {
  return element.matches('input:not([type="number"], [type="checkbox"], [type="radio"]), textarea, [contenteditable]');
}

export function guardFocus(onScan) {
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
      const target = event.target;
      if (target === scanField() || takesText(target) || target.matches("select, summary")) return;
      // In a field of numbers a digit is a number, but a letter begins a scan; a space presses a button.
      const isDigit = /[0-9]/.test(event.key);
      if (event.key === " " || (isDigit && target.matches('input[type="number"]'))) return;
      scanField().focus(); // the character itself lands there
    },
    true,
  );
  // A scan into a field of free text ends in Enter, which would send that form: it is a scan, not a name.
  document.addEventListener(
    "submit",
    (event) => {
      if (event.target.id === "scan") return;
      for (const field of event.target.querySelectorAll('input[type="text"]')) {
        const found = PASS.exec(field.value);
        if (!found) continue;
        event.preventDefault();
        event.stopImmediatePropagation();
        field.value = field.value.replace(PASS, "");
        onScan(found[0]);
      }
    },
    true,
  );
}
