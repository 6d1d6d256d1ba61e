/* Warn before a changed form is left unsaved: a word beside its button, and the browser's own question. */

const forms = new Map();
let leaving = false;

/** The fields as they would be sent; files by their names. */
function contentOf(form) {
  return JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value]));
}

function isChanged(form) {
  return contentOf(form) !== forms.get(form);
}

function show(form) {
  const word = form.querySelector("[data-unsaved]");
  const changed = isChanged(form);
  form.classList.toggle("is-changed", changed);
  const text = changed ? `● ${word.dataset.unsaved}` : "";
  if (word.textContent !== text) word.textContent = text;
}

for (const word of document.querySelectorAll("[data-unsaved]")) {
  const form = word.closest("form");
  // A form that comes back with errors was not saved: whatever it holds would be lost.
  forms.set(form, document.getElementById("problems") ? "" : contentOf(form));
  show(form);
  for (const kind of ["input", "change", "reset"]) form.addEventListener(kind, () => setTimeout(() => show(form)));
}

document.addEventListener("submit", (event) => { leaving = forms.has(event.target); });
window.addEventListener("pageshow", () => { leaving = false; });
window.addEventListener("beforeunload", (event) => {
  if (leaving || ![...forms.keys()].some(isChanged)) return;
  event.preventDefault();
  event.returnValue = ""; // Chrome before 119
});
