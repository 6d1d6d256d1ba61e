// Computes the check against scripts (ALTCHA) in the background while the form is filled in: no click, no waiting.
// Without JavaScript, or in a browser that cannot compute it, the page asks a question instead.

const field = document.getElementById("altcha");

if (field && window.Worker) start();

function start() {
  const challenge = JSON.parse(field.dataset.challenge);
  let worker;
  try {
    worker = new Worker(field.dataset.worker);
  } catch (error) {
    return;
  }
  let held = null;
  const form = field.form;

  function done() {
    worker.terminate();
    form.removeEventListener("submit", hold, true);
    if (!held) return;
    form.removeAttribute("aria-busy");
    held.click();
  }

  // A submit waits for an unfinished computation; the other buttons of the page need no check.
  function hold(event) {
    const button = event.submitter;
    if (!button || (button.name && button.name !== "wait")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    held = button;
    form.setAttribute("aria-busy", "true");
  }

  worker.onmessage = (event) => {
    if (event.data !== null) {
      const solution = {
        algorithm: challenge.algorithm,
        challenge: challenge.challenge,
        number: event.data,
        salt: challenge.salt,
        signature: challenge.signature,
      };
      field.value = btoa(JSON.stringify(solution));
      const question = document.getElementById("question");
      if (question) question.hidden = true;
    }
    done();
  };
  worker.onerror = done;
  form.addEventListener("submit", hold, true);
  worker.postMessage(challenge);
}
