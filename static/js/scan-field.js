/* A form with a field for scans (`data-scan`): whatever the scanner ends in, a scan fills the field and sends the form. */

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
