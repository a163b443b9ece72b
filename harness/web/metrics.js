// SPDX-License-Identifier: Apache-2.0
// Prometheus text (format 0.0.4) as numbers, and what the plots want to know of them. A family that is missing is null.

// NAME{LABELS} VALUE; a label's value has \\, \" and \n escaped.
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? +(\S+)/;
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

function valueOf(text) {
  if (text === '+Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  return Number(text);
}

function labelsOf(text) {
  const labels = {};
  for (const [, name, value] of (text ?? '').matchAll(labelPair)) {
    labels[name] = value.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

const fits = (labels, wanted) =>
  Object.entries(wanted).every(([name, value]) => labels[name] === undefined || labels[name] === value);

/** The samples of one reading. */
export class Reading {
  constructor(text, at_ms) {
    this.at_ms = at_ms;
    this.families = new Map();
    for (const line of text.split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const match = sampleLine.exec(line);
      if (!match) continue;
      const sample = {labels: labelsOf(match[2]), value: valueOf(match[3])};
      const family = this.families.get(match[1]);
      if (family) family.push(sample);
      else this.families.set(match[1], [sample]);
    }
  }

  samples(name, wanted = {}) {
    return (this.families.get(name) ?? []).filter((sample) => fits(sample.labels, wanted));
  }

  /** The sum over all samples whose labels are not others than wanted, or null. */
  sum(name, wanted = {}) {
    const samples = this.samples(name, wanted);
    return samples.length === 0 ? null : samples.reduce((total, sample) => total + sample.value, 0);
  }

  /** {value of the label: sum}, or null. */
  by(name, label, wanted = {}) {
    const samples = this.samples(name, wanted);
    if (samples.length === 0) return null;
    const sums = {};
    for (const sample of samples) {
      const key = sample.labels[label] ?? '';
      sums[key] = (sums[key] ?? 0) + sample.value;
    }
    return sums;
  }

  /** A histogram's buckets [{le, count}], not cumulated, in their order; or null. */
  buckets(name, wanted = {}) {
    const sums = this.by(`${name}_bucket`, 'le', wanted);
    if (sums === null) return null;
    const rows = Object.entries(sums).map(([le, value]) => ({le: valueOf(le), count: value})).sort((one, other) => one.le - other.le);
    return rows.map((row, index) => ({le: row.le, count: row.count - (index === 0 ? 0 : rows[index - 1].count)}));
  }
}

/** How many a second there were between two readings, or null. */
export function rate(now, before, name, wanted) {
  const last = now.sum(name, wanted);
  const first = before?.sum(name, wanted) ?? null;
  if (last === null || first === null || now.at_ms <= before.at_ms) return null;
  return Math.max(0, last - first) / ((now.at_ms - before.at_ms) / 1000);  // a counter that fell was reset
}

/** The value below which `share` of what came between two readings lies, interpolated in its bucket; or null. */
export function quantile(share, now, before, name, wanted) {
  const last = now.buckets(name, wanted);
  const first = before?.buckets(name, wanted) ?? null;
  if (last === null) return null;
  const counts = last.map((row, index) => ({le: row.le, count: Math.max(0, row.count - (first?.[index]?.count ?? 0))}));
  const total = counts.reduce((sum, row) => sum + row.count, 0);
  if (total === 0) return null;
  let below = 0;
  for (const [index, row] of counts.entries()) {
    const from = index === 0 ? 0 : counts[index - 1].le;
    if (below + row.count >= share * total && row.count > 0) {
      return row.le === Infinity ? from : from + (row.le - from) * ((share * total - below) / row.count);
    }
    below += row.count;
  }
  return null;
}
