/* Typed numbers of people: whole numbers in digits, also full-width ones, and nothing else (`1e2` is invalid). */

const MOST_DIGITS = 4;

/** The number, null for an empty field, NaN for an invalid number of people. */
export function peopleOf(text) {
  const typed = text.replace(/[\uff10-\uff19]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0)).trim();
  if (typed === "") return null;
  return /^[0-9]+$/.test(typed) && typed.replace(/^0+/, "").length <= MOST_DIGITS ? Number(typed) : NaN;
}

/** The sum of these fields; NaN if one of them is not a number. */
export const sumOf = (inputs) =>
  [...inputs].reduce((sum, input) => sum + (input.validity.badInput ? NaN : peopleOf(input.value) ?? 0), 0);
