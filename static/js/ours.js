/* Pages in answers: a proxy or a Wi-Fi portal may answer in the server's place, and with 200; an answer may be cut off. */

const STYLES = /<style[^]*?<\/style>/g;

/** A page in the text of an answer, without its styles: their nonce is not that of the open page, which would complain. */
export function parsed(text) {
  return new DOMParser().parseFromString(text.replace(STYLES, ""), "text/html");
}

/** The page in the text of an answer; null where it is not complete, or is not a page of this service. */
export function readPage(text) {
  if (!text.trimEnd().endsWith("</html>")) return null;
  const page = parsed(text);
  return page.querySelector('meta[name="generator"][content="hallapp"]') && page;
}
