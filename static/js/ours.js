/* Pages in answers: a proxy or a Wi-Fi portal may answer in the server's place, and with 200; an answer may be cut off. */

/** The page in the text of an answer; null where it is not complete, or is not a page of this service. */
export function readPage(text) {
  if (!text.trimEnd().endsWith("</html>")) return null;
  const page = new DOMParser().parseFromString(text, "text/html");
  return page.querySelector('meta[name="generator"][content="hallapp"]') && page;
}
