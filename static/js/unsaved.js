/* Warn before a changed form of the settings is left unsaved: a word beside its button, and the browser's own question.
   It watches every form that sends something typed, so that no page has to ask for it. `data-unsaved` of the page's
   <main> is the word; a form with `data-saves-nothing` is left alone. */

const TYPED = "input:not([type=hidden], [type=submit], [type=button]), select, textarea";
const main = document.getElementById("main");
const forms = new Map();
let sent = null;

/** The fields as they would be sent; files by their names. */
function contentOf(form) {
  return JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value]));
}

/** Whether the page answers this very form, which therefore was not saved: whatever it holds would be lost. */
function isComeBack(form) {
  return main.dataset.answers !== undefined && new URL(form.action).pathname === main.dataset.answers;
}

function isChanged(form) {
  return contentOf(form) !== forms.get(form).content;
}

function addWord(form) {
  const word = Object.assign(document.createElement("span"), { className: "unsaved" });
  word.setAttribute("role", "status");
  const buttons = form.querySelectorAll("button:not([type=button])");
  const last = buttons[buttons.length - 1];
  if (last) last.after(" ", word);
  else form.append(word);
  return word;
}

function show(form) {
  const { word } = forms.get(form);
  const changed = isChanged(form);
  form.classList.toggle("is-changed", changed);
  const text = changed ? `● ${main.dataset.unsaved}` : "";
  if (word.textContent !== text) word.textContent = text;
}

for (const form of main.querySelectorAll("form[method=post]:not([data-saves-nothing])")) {
  if (![...form.elements].some((field) => field.matches(TYPED))) continue;
  const word = form.querySelector(".unsaved") ?? addWord(form);
  forms.set(form, { word, content: isComeBack(form) ? "" : contentOf(form) });
  show(form);
}

// The fields of a row of a table stand beside their form, not in it, so the form hears nothing of them.
for (const kind of ["input", "change", "reset"]) {
  main.addEventListener(kind, ({ target }) => {
    const form = forms.has(target) ? target : target.form;
    if (forms.has(form)) setTimeout(() => show(form));
  });
}

document.addEventListener("submit", (event) => { sent = event.target; });
window.addEventListener("pageshow", () => { sent = null; });
window.addEventListener("beforeunload", (event) => {
  if (![...forms.keys()].some((form) => form !== sent && isChanged(form))) return;
  event.preventDefault();
  event.returnValue = ""; // Chrome before 119
});
