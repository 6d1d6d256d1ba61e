/* Look at a page as it is: what axe finds (`rules`), which of its texts are hard to read (`contrast`), how wide it is.
 *
 * Texts and parts that axe has passed on an earlier page are left out. Those that it passes on this page are returned:
 * `texts` by their styles; `parts` (headers, footers, the topics of the settings) by their HTML. `isNew` tells whether
 * any text of this page has styles that no earlier one had.
 */
async ({ asked: { rules, contrast, everything }, address, known }) => {
  /** A number of 53 bits for a long text (cyrb53). */
  const digest = (text) => {
    let [one, other] = [0xdeadbeef, 0x41c6ce57];
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      one = Math.imul(one ^ code, 2654435761);
      other = Math.imul(other ^ code, 1597334677);
    }
    one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909);
    other = Math.imul(other ^ (other >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
    return (4294967296 * (2097151 & other) + (one >>> 0)).toString(36);
  };

  const describe = ({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));

  /** Whether nothing on the page is at work any more, at the latest after some seconds. */
  const isCalm = async () => {
    for (let turn = 0; document.querySelector("[aria-busy=true]"); turn++) {
      if (turn === 500) return false;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return true;
  };

  /** End what moves, instead of waiting for it: in a page that draws no frames it would never end. */
  const stop = () =>
    document.getAnimations().forEach((one) => {
      if (one.effect.getComputedTiming().endTime === Infinity) one.cancel();
      else one.finish();
    });

  const fetchAxe = () =>
    "axe" in window || new Promise((resolve) => {
      const script = Object.assign(document.createElement("script"), { src: address });
      script.onload = script.onerror = () => { script.remove(); resolve("axe" in window); };
      document.head.append(script);
    });

  /** What axe finds by all rules but that on contrast; known headers and footers are left out. */
  const audit = async () => {
    // Only the rule on locked orientation reads style sheets, for which axe fetches them all once more.
    const options = { resultTypes: ["violations"], preload: everything };
    if (everything) return { violations: describe(await axe.run(document, options)), parts: [] };
    const parts = [...document.querySelectorAll("body > header, body > footer, body > .with-sections > nav")];
    // All pages of settings show the same topics, and each marks its own as the present page.
    const keyOf = (part) => digest(`${innerWidth} ${part.outerHTML.replace(' aria-current="page"', "")}`);
    const [old, fresh] = [true, false].map((is) => parts.filter((part) => known.parts.includes(keyOf(part)) === is));
    const found = await axe.run(
      { include: [document.documentElement], exclude: old },
      { ...options, rules: { "color-contrast": { enabled: false } } },
    );
    return { violations: describe(found), parts: found.violations.length ? [] : fresh.map(keyOf) };
  };

  /* The styles of a text are all that axe computes its contrast from: its colour and size, and the backgrounds and the
   * opacity of its parents. Computing it takes most of axe's time, so it is done once for all pages. Where
   * something else may lie above or below a text, its style and place are parts of the key, too.
   */
  const readTexts = async () => {
    const seen = new Set(known.texts);

    const BACKGROUND = ["backgroundColor", "backgroundImage", "opacity", "filter", "mixBlendMode"];
    const TEXT = ["color", "fontSize", "fontWeight", "textShadow", "webkitTextStroke", "textIndent"];
    const STACK = ["position", "zIndex", "transform", "overflow", "float", "display", "visibility"];
    const NONE = "rgba(0, 0, 0, 0)";
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

    const stacks = new Map(); // for each element, the styles of it and its parents that decide what covers what
    const stackOf = (element) => {
      if (!element) return "";
      if (!stacks.has(element)) {
        const style = getComputedStyle(element);
        stacks.set(element, `${stackOf(element.parentElement)}/${STACK.map((name) => style[name]).join("|")}`);
      }
      return stacks.get(element);
    };

    /** What may lie above or below a text: its kind, its styles, and where it is from there. */
    const coversOf = (element, box) => {
      const found = covers.filter(
        ([cover, its]) => meet(box, its) && !cover.contains(element) && !element.contains(cover),
      );
      if (!found.length) return "";
      const placed = found.map(([cover, its]) => [
        cover.localName, groundOf(cover), stackOf(cover), element.compareDocumentPosition(cover),
        ...[its.left - box.left, its.top - box.top, its.width, its.height].map(Math.round),
      ]);
      return JSON.stringify([stackOf(element), Math.round(box.width), Math.round(box.height), placed]);
    };

    /** The text of an element that has no letter or digit: axe takes it for a picture, whose contrast nobody reads. */
    const symbolsOf = (element) => {
      const own = [...element.childNodes].filter(isText).map((node) => node.nodeValue.trim()).join(" ");
      return /[\p{L}\p{N}]/u.test(own) ? "" : own;
    };

    all.forEach(groundOf);
    const asked = new Map();
    for (const element of all) {
      const box = boxOf(element);
      if (!box || !isShown(element) || element.offsetWidth <= 1 || !box.height) continue;
      const style = getComputedStyle(element);
      const styles = `${TEXT.map((name) => style[name]).join("|")}${groundOf(element)}`;
      const special = symbolsOf(element) + coversOf(element, box);
      const key = digest(styles + special);
      if (!seen.has(key)) asked.set(element, { key, special });
    }
    if (!asked.size) return { violations: [], texts: [], isNew: false };
    const found = await axe.run({ include: [...asked.keys()] }, {
      runOnly: ["color-contrast"],
      resultTypes: ["violations", "passes", "incomplete"],
      elementRef: true,
      preload: false,
    });
    // Axe also reports hidden texts as passed. It cannot compute the contrast of texts on pictures or with these
    // particulars.
    const NEVER = ["bgImage", "bgGradient"];
    const NEVER_SPECIAL = [...NEVER, "nonBmp", "bgOverlap", "elmPartiallyObscured", "elmPartiallyObscuring"];
    const isSettled = ({ any, element }) => {
      const never = asked.get(element)?.special ? NEVER_SPECIAL : NEVER;
      return any.some(({ data }) => data && (data.contrastRatio || never.includes(data.messageKey)));
    };
    const settled = [...found.passes, ...found.incomplete].flatMap((rule) => rule.nodes).filter(isSettled);
    const violations = describe(found);
    const texts = [...new Set(settled.map((node) => asked.get(node.element)?.key).filter(Boolean))];
    return { violations, texts, isNew: true };
  };

  const { scrollWidth, clientWidth } = document.documentElement;
  const looked = { wide: scrollWidth > clientWidth ? [`${scrollWidth} px wide in a window of ${clientWidth}`] : [] };
  if (!rules && !contrast) return looked;
  if (!(await isCalm())) return { ...looked, violations: ["The page is still busy."] };
  if (!(await fetchAxe())) return null;
  stop();
  const audited = rules ? await audit() : { violations: [], parts: [] };
  const read = contrast ? await readTexts() : { violations: [], texts: [], isNew: false };
  return {
    ...looked,
    violations: [...audited.violations, ...read.violations],
    parts: audited.parts,
    texts: read.texts,
    isNew: read.isNew,
    isDark: matchMedia("(prefers-color-scheme: dark)").matches,
  };
}
