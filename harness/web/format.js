// SPDX-License-Identifier: Apache-2.0
// Numbers and times as people read them.

const grouped = new Intl.NumberFormat('en-US');
const tenths = new Intl.NumberFormat('en-US', {minimumFractionDigits: 1, maximumFractionDigits: 1});

export function count(number) {
  return grouped.format(number);
}

export function octets(number) {
  return `${count(number)} ${number === 1 ? 'octet' : 'octets'}`;
}

export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** Microseconds, with as many digits as say something. */
export function duration(us) {
  if (us === null || us === undefined) return '';
  if (us < 1000) return `${us} µs`;
  if (us < 10_000) return `${(us / 1000).toFixed(2)} ms`;
  if (us < 10_000_000) return `${tenths.format(us / 1000)} ms`;
  return `${(us / 1_000_000).toFixed(1)} s`;
}

/** The time of day of an RFC 3339 time, as its writer had it (UTC), to the millisecond. */
export function timeOfDay(text) {
  const match = /T(\d\d:\d\d:\d\d)(\.\d{1,3})?/.exec(text ?? '');
  return match ? match[1] + (match[2] ?? '') : String(text ?? '');
}

/** "tc_again" as words. */
export function words(text) {
  return String(text ?? '').replaceAll('_', ' ');
}

/** A name without its final dot, which says nothing to people; the root keeps it. */
export function withoutDot(name) {
  return name.length > 1 && name.endsWith('.') && !name.endsWith('\\.') ? name.slice(0, -1) : name;
}

/** A rate or a share with three significant digits at most. */
export function brief(number) {
  if (!Number.isFinite(number)) return 'none';
  if (number === 0) return '0';
  if (Math.abs(number) >= 100) return count(Math.round(number));
  return String(Number(number.toPrecision(3)));
}
