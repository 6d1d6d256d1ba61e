/* Let axe compute the contrast of the texts whose styles are not among `known`; return which ones are known now.
 *
 * The styles of a text are all that axe computes its contrast from: its colour and size, and the backgrounds and the
 * opacity of the elements that it stands in. Axe always looks at a text that something else may lie above or below.
 */
async (lines) => {
  const BACKGROUND = ["backgroundColor", "backgroundImage", "opacity", "filter", "mixBlendMode"];
  const TEXT = ["color", "fontSize", "fontWeight", "textShadow", "webkitTextStroke", "textIndent"];
  const NONE = "rgba(0, 0, 0, 0)";
  const known = new Set(lines.split("\n"));

  const isText = (node) => node.nodeType === Node.TEXT_NODE && node.nodeValue.trim();

  const isShown = (element) => !element.checkVisibility || element.checkVisibility({ visibilityProperty: true });

  /** The box of the text that stands in an element itself, or of the whole element where it is a field. */
  const boxOf = (element) => {
    if (element.matches("[type=checkbox], [type=radio]")) return null;
    if (element.matches("input, select, textarea")) return element.getBoundingClientRect();
    const texts = [...element.childNodes].filter(isText);
    if (!texts.length) return null;
    const range = document.createRange();
    range.setStartBefore(texts[0]);
    range.setEndAfter(texts[texts.length - 1]);
    return range.getBoundingClientRect();
  };

  const all = [...document.querySelectorAll("body, body *")];
  const grounds = new Map(); // the styles of the backgrounds below an element, with its own
  const covers = []; // elements with a background, which may lie above or below others than their descendants
  const groundOf = (element) => {
    if (!element) return "";
    if (!grounds.has(element)) {
      const style = getComputedStyle(element);
      const own = BACKGROUND.map((name) => style[name]).join("|");
      const before = groundOf(element.parentElement);
      const isGround = style.backgroundColor !== NONE || style.backgroundImage !== "none";
      if ((isGround || element.matches("img, svg, video, canvas")) && isShown(element))
        covers.push([element, element.getBoundingClientRect()]);
      grounds.set(element, before.endsWith(own) ? before : `${before}/${own}`);
    }
    return grounds.get(element);
  };

  const meet = (one, other) =>
    one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1;

  const isCovered = (element, box) =>
    covers.some(([cover, its]) => meet(box, its) && !cover.contains(element) && !element.contains(cover));

  all.forEach(groundOf);
  const asked = new Map();
  for (const element of all) {
    const box = boxOf(element);
    if (!box || !isShown(element) || element.offsetWidth <= 1 || !box.height) continue;
    const style = getComputedStyle(element);
    const key = `${TEXT.map((name) => style[name]).join("|")}${groundOf(element)}`;
    if (!known.has(key) || isCovered(element, box)) asked.set(element, key);
  }
  if (!asked.size) return { violations: [], known: [] };
  const found = await axe.run({ include: [...asked.keys()] }, {
    runOnly: ["color-contrast"],
    resultTypes: ["violations", "passes", "incomplete"],
    elementRef: true,
    preload: false,
  });
  // Axe passes what is hidden, too; and what stands on a picture, it never computes.
  const isSettled = ({ any }) =>
    any.some(({ data }) => data && (data.contrastRatio || ["bgImage", "bgGradient"].includes(data.messageKey)));
  const settled = [...found.passes, ...found.incomplete].flatMap((rule) => rule.nodes).filter(isSettled);
  const violations = found.violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map(({ target, failureSummary }) => ({ target, failureSummary })),
  }));
  return { violations, known: [...new Set(settled.map((node) => asked.get(node.element)).filter(Boolean))] };
}
