/* Time limits, as old browsers know them too: `AbortSignal.timeout` came in 2022. */

/** A signal that aborts after this number of milliseconds. */
export function timely(milliseconds) {
  const giveUp = new AbortController();
  setTimeout(() => giveUp.abort(), milliseconds);
  return giveUp.signal;
}
