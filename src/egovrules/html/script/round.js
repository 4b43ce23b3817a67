// Numbers to decimals as Python's `round` and `format` do: half to even on the exact binary value.

const EXACT_DIGITS = 60; // more than a float near a half has left after any decimals used here
const NEAR = 1e-6; // farther from a half than this, no look at the exact value is needed

/**
 * Write a number with a fixed count of decimals.
 *
 * `toFixed` works on the exact binary value too, and differs only in a tie, which it rounds away
 * from zero: 0.125 is 0.13 there and 0.12 in Python.
 * @param {number} value A finite number below 1e21.
 * @param {number} decimals 0 to 12.
 * @returns {string} Latin digits, without grouping; a zero has no sign.
 */
export function toDecimals(value, decimals) {
  const digits = tiesToEven(Math.abs(value), decimals);
  return value < 0 && /[1-9]/.test(digits) ? `-${digits}` : digits;
}

/**
 * Round a number to decimals.
 * @type {(value: number, decimals: number) => number}
 */
export function roundTo(value, decimals) {
  return Number(toDecimals(value, decimals));
}

/** @type {(size: number, decimals: number) => string} */
function tiesToEven(size, decimals) {
  const away = size.toFixed(decimals);
  if (Math.abs(((size * 10 ** decimals) % 1) - 0.5) > NEAR) return away;
  const exact = size.toFixed(EXACT_DIGITS);
  const end = exact.length - EXACT_DIGITS + decimals;
  const tie = /^50*$/.test(exact.slice(end));
  const odd = "13579".includes(away.slice(-1));
  return tie && odd ? exact.slice(0, end).replace(/\.$/, "") : away;
}
