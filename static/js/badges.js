// The PDF of many badges takes a moment: show a message, and prevent a second request in the meantime.

const form = document.getElementById("badges");
const status = document.getElementById("badges-status");

async function fetchPdf(button) {
  const body = new FormData(form);
  body.append(button.name, button.value);
  form.setAttribute("aria-busy", "true");
  button.disabled = true;
  status.textContent = form.dataset.waiting;
  try {
    const answer = await fetch(form.action || location.href, { method: "POST", body, headers: { Accept: "text/html" } });
    if (!answer.headers.get("Content-Type")?.startsWith("application/pdf")) return false;
    save(await answer.blob(), /filename=([^;]+)/.exec(answer.headers.get("Content-Disposition"))?.[1] ?? "badges.pdf");
    status.textContent = form.dataset.ready;
  } catch {
    status.textContent = form.dataset.trouble;
  } finally {
    form.removeAttribute("aria-busy");
    button.disabled = false;
  }
  return true;
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

form?.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (button?.value !== "pdf" || form.dataset.plain) return;
  event.preventDefault();
  if (await fetchPdf(button)) return;
  form.dataset.plain = "yes"; // refused: submit the form in the browser, which shows the page with the reason
  button.click();
});
