/* A form with a field for scans (`data-scan`): a scan fills the field and submits it, whichever key ends the scan. */

import { listenForScans } from "./desk-scanner.js";

const field = document.querySelector("input[data-scan]");

if (field) {
  listenForScans(
    (text) => {
      field.value = text;
      field.form.querySelector("button").click();
    },
    { field: () => field },
  );
}
