/* From a scanned pass to its row, and from the row to the group: only the code on the pass opens it. */

import { withoutSymbology } from "./desk-scanner.js";

const PASS = /^(?:HTTPS?:\/\/[^/?#]+\/T\/)?([A-Z2-7]{32})\/?$/;
const BADGE = /^HTTPS?:\/\/[^/?#]+\/B\/([A-Z2-7]{32})\/?$/;
const LONGEST_WORD = 24;
const FIND = 16;
const NONCE = 12;
const encoder = new TextEncoder();

/** A scan in capitals, whatever its case or width, as a Chinese input method may have made it. */
const plain = (text) =>
  withoutSymbology(text).normalize("NFKC").replace(/、/g, "/").replace(/。/g, ".").replace(/\s+/g, "").toUpperCase();

/** The code of a pass in a scanned text, or null. */
export const codeOf = (text) => PASS.exec(plain(text))?.[1] ?? null;
/** The code of a badge in a scanned text, or null. */
export const badgeOf = (text) => BADGE.exec(plain(text))?.[1] ?? null;

/** A digest by which the device recognises a repeated scan. */
export async function markOf(code) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(code)));
  return text(bytes.slice(0, FIND));
}

/** Whether a text may be a reference, which identifies a group only on the server. */
export const looksLikeReference = (text) => /^[a-z0-9\s-]{8,12}$/i.test(withoutSymbology(text).normalize("NFKC").trim());

/**
 * Whether a text came out of a code of another system: an address, a contact, a network, a health code. Whether a code
 * has the shape of a pass but is nobody's here, only the server and the list can tell.
 */
export function isForeign(text) {
  const typed = text.normalize("NFKC").trim();
  if (codeOf(typed) || looksLikeReference(typed)) return false;
  const isLong = typed.length >= LONGEST_WORD && /^[\x21-\x7e]+$/.test(typed);
  return typed.includes("://") || isLong || /^(?:[a-z][a-z0-9+.-]{2,}:\S|\{)/i.test(typed);
}

const octets = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const text = (bytes) => btoa(String.fromCharCode(...bytes));

/** The values that a code yields with a snapshot's salt: the digest that finds its row, and the key that opens it. */
export async function derive(code, { salt, info }) {
  const secret = await crypto.subtle.importKey("raw", encoder.encode(code), "HKDF", false, ["deriveBits"]);
  const way = { name: "HKDF", hash: "SHA-256", salt: octets(salt), info: encoder.encode(info) };
  const bits = new Uint8Array(await crypto.subtle.deriveBits(way, secret, (FIND + 32) * 8));
  const key = await crypto.subtle.importKey("raw", bits.slice(FIND), "AES-GCM", false, ["decrypt"]);
  return { find: text(bits.slice(0, FIND)), key };
}

/** The personal part of a row. */
export async function open(sealed, key) {
  const bytes = octets(sealed);
  const way = { name: "AES-GCM", iv: bytes.slice(0, NONCE) };
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(way, key, bytes.slice(NONCE))));
}

/** A key of this device that no script can take out of it, for names that are typed while they wait. */
export const newKey = () => crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

export async function seal(plain, key) {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, encoder.encode(JSON.stringify(plain)));
  return text(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
}
