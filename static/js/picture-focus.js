// Choose what stays in sight on a preview of the chosen picture: by a touch, by the mouse, or by its two sliders.
const file = document.getElementById("file");
const focus = document.querySelector(".focus");
const preview = focus.querySelector(".focus-preview");
const stage = focus.querySelector(".focus-stage");
const picture = stage.querySelector("img");
const point = stage.querySelector(".focus-point");
const [across, down] = preview.querySelectorAll("input");

function show() {
  point.style.left = `${across.value}%`;
  point.style.top = `${down.value}%`;
}

function choose(event) {
  const box = stage.getBoundingClientRect();
  across.value = Math.round(((event.clientX - box.left) / box.width) * 100);
  down.value = Math.round(((event.clientY - box.top) / box.height) * 100);
  show();
}

function offer(shown) {
  preview.hidden = !shown;
  focus.querySelector(".focus-grid").hidden = shown;
  across.disabled = down.disabled = !shown;
}

file.addEventListener("change", () => {
  URL.revokeObjectURL(picture.src);
  if (file.files.length) picture.src = URL.createObjectURL(file.files[0]);
  else offer(false);
});
picture.addEventListener("load", () => {
  offer(true);
  show();
});
picture.addEventListener("error", () => offer(false));
preview.addEventListener("input", show);
stage.addEventListener("pointerdown", (event) => {
  stage.setPointerCapture(event.pointerId);
  choose(event);
});
stage.addEventListener("pointermove", (event) => {
  if (event.buttons) choose(event);
});
