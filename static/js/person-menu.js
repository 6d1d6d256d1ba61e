/* Close the menu of the person when somebody turns elsewhere: a click outside, the focus outside, or Escape. */

const menu = document.querySelector("details.person");

function closeFor({ target }) {
  if (!menu.contains(target)) menu.open = false;
}

if (menu) {
  document.addEventListener("click", closeFor);
  document.addEventListener("focusin", closeFor);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
