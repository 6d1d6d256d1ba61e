// Shows the button that prints this page: without JavaScript the browser's own menu does it.

const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
