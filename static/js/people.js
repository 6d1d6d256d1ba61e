/* Numbers of people as they are typed: whole numbers in digits, full-width ones too, and nothing else (`1e2` is none). */

const MOST_DIGITS = 4;

/** The number, null for an empty field, NaN for an invalid number of people. */
export function peopleOf(text) {
  const typed = text.replace(/[\uff10-\uff19]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0)).trim();
  if (typed === "") return null;
  return /^[0-9]+$/.test(typed) && typed.replace(/^0+/, "").length <= MOST_DIGITS ? Number(typed) : NaN;
}

/** People in these fields together; NaN where one of them holds no number. */
export const sumOf = (inputs) =>
  [...inputs].reduce((sum, input) => sum + (input.validity.badInput ? NaN : peopleOf(input.value) ?? 0), 0);
