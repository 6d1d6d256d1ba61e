/* Time limits that also work in old browsers: `AbortSignal.timeout` exists since 2022. */

/** A signal that aborts after this number of milliseconds. */
export function timely(milliseconds) {
  const giveUp = new AbortController();
  setTimeout(() => giveUp.abort(), milliseconds);
  return giveUp.signal;
}
