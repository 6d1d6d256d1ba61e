// The page answers a form that was refused. Where its first error lies outside of the window, go there: otherwise the
// page looks as if all had been saved. A summary of the errors stands at the top, and has the focus already.

function isShown(error) {
  return error.getClientRects().length && (error.hasAttribute("aria-invalid") || error.textContent.trim());
}

const errors = document.getElementById("main").querySelectorAll("[aria-invalid=true], .field-error, [role=alert]");
const first = document.getElementById("problems") ? null : [...errors].find(isShown);
if (first) {
  const { top, bottom } = first.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) {
    first.focus();
    first.scrollIntoView({ block: "center" });
  }
}
