// No part of a page is replaced while somebody presses on it: a press that ends on another element than it began is no
// click.

const LONGEST_MS = 1_000; // a press that ends outside of the window may never be told
let pressed = Promise.resolve();
let release = () => {};

addEventListener("pointerdown", () => {
  pressed = new Promise((resolve) => {
    release = resolve;
    setTimeout(resolve, LONGEST_MS);
  });
}, true);
// The click comes after the end of the press.
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => release()), true);

/** Wait until nobody presses on the page any more. */
export function released() {
  return pressed;
}
