// What was typed on the booking page is kept on this device until it is sent, one day at most, and one draft per hall.
// Ticks of consent are never kept, and nothing is kept where a member of staff is signed in (`data-draft` is missing).

const PREFIX = "booking-draft-";
const DAY_MS = 24 * 3600 * 1000;
const NEVER = ["csrf_token", "submission", "altcha", "question", "answer", "consent", "access_consent", "duplicate_accepted", "wait"];
const TYPED = ["organisation", "contact_name", "phone", "email", "note"];

/** The draft of a booking form. Without storage, as in some private windows, it keeps nothing. */
export class Draft {
  constructor(form) {
    this.form = form;
    this.key = form.dataset.draft ? PREFIX + form.dataset.draft : "";
    this.notice = document.getElementById("draft");
    this.tidy();
  }

  /** Ask whether to continue, if there is a draft and the form is still empty. */
  offer() {
    const draft = this.read();
    if (!draft || !this.notice || this.isTyped()) return;
    this.notice.hidden = false;
    document.getElementById("draft-continue").addEventListener("click", () => this.restore(draft));
    document.getElementById("draft-drop").addEventListener("click", () => this.forget());
  }

  /** Keep what has been typed. `sent` marks that it may have arrived: sent again, it is recognised and books once. */
  save({ sent = false } = {}) {
    if (!this.key || !this.isTyped()) return;
    const fields = [...new FormData(this.form)].filter(([name, value]) => !NEVER.includes(name) && typeof value === "string");
    const submission = sent || this.sent ? this.form.elements.namedItem("submission").value : "";
    this.sent = submission !== "";
    this.hide();
    this.write({ at: Date.now(), fields, submission });
  }

  forget() {
    this.hide();
    try {
      if (this.key) localStorage.removeItem(this.key);
    } catch (error) { /* there is no storage */ }
  }

  hide() {
    if (this.notice) this.notice.hidden = true;
  }

  isTyped() {
    const people = [...this.form.querySelectorAll("input.people")].map((field) => field.value);
    return [...people, ...TYPED.map((name) => this.form.elements.namedItem(name)?.value ?? "")].some((text) => text.trim());
  }

  // The server fills the form in: it knows the places of origin, and whether the chosen time is still free.
  restore(draft) {
    const own = this.form.elements;
    const sheet = Object.assign(document.createElement("form"), { method: "post", action: this.form.action, hidden: true });
    const submission = draft.submission || own.namedItem("submission").value;
    const values = [...draft.fields, ["csrf_token", own.namedItem("csrf_token").value], ["submission", submission], ["refresh", "draft"]];
    for (const [name, value] of values) sheet.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    document.body.append(sheet);
    sheet.submit();
  }

  read() {
    try {
      return this.key ? JSON.parse(localStorage.getItem(this.key)) : null;
    } catch (error) {
      return null;
    }
  }

  write(draft) {
    try {
      localStorage.setItem(this.key, JSON.stringify(draft));
    } catch (error) { /* the storage is full or switched off */ }
  }

  // Remove drafts older than a day; on a device of the staff, all of them.
  tidy() {
    try {
      for (const key of Object.keys(localStorage).filter((one) => one.startsWith(PREFIX))) {
        const { at } = JSON.parse(localStorage.getItem(key));
        if (!this.key || !(Date.now() - at < DAY_MS)) localStorage.removeItem(key);
      }
    } catch (error) { /* there is no storage */ }
  }
}
