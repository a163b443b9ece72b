// SPDX-License-Identifier: Apache-2.0
// Small plots, drawn by hand: lines over time, bars of a histogram with limits, bars by cause. Each says in words what
// it shows, for those who do not see it.
import {h, s} from './dom.js';
import {brief, count} from './format.js';
import {sized} from './sized.js';

const height = 180;
const margin = {top: 24, right: 10, bottom: 24, left: 56};
const linesOfGrid = 3;

// The next of 1, 2, 5, 10, ... so that the axis has numbers that one can read.
function niceAbove(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
}

function frame(width, most, unit) {
  const inner = {width: width - margin.left - margin.right, height: height - margin.top - margin.bottom};
  const y = (value) => margin.top + inner.height * (1 - value / most);
  const grid = Array.from({length: linesOfGrid}, (_, index) => (most * index) / (linesOfGrid - 1));
  return {
    inner, y,
    marks: grid.map((value) => [
      s('line', {class: 'grid', x1: margin.left, x2: width - margin.right, y1: y(value), y2: y(value)}),
      s('text', {class: 'tick', x: margin.left - 6, y: y(value) + 4, 'text-anchor': 'end'}, `${brief(value)}${unit}`)]),
  };
}

function noData(width) {
  return s('svg', {class: 'plot', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'no data yet'},
    s('text', {class: 'no-data', x: width / 2, y: height / 2, 'text-anchor': 'middle'}, 'no data yet'));
}

// Runs of points that have a value; a gap is where nothing was measured.
function runsOf(points) {
  const runs = [[]];
  for (const point of points) {
    if (point.value === null) runs.push([]);
    else runs.at(-1).push(point);
  }
  return runs.filter((run) => run.length > 0);
}

/** series: [{label, tone, points: [{at_ms, value or null}]}]. */
export function drawLines({series, unit = '', span_ms, now_ms}, width) {
  const values = series.flatMap((one) => one.points.map((point) => point.value)).filter((value) => value !== null);
  if (values.length === 0) return noData(width);
  const {inner, y, marks} = frame(width, niceAbove(Math.max(...values)), unit);
  const x = (at_ms) => margin.left + inner.width * (1 - (now_ms - at_ms) / span_ms);
  const told = series.map((one) => `${one.label} ${brief(one.points.findLast((point) => point.value !== null)?.value ?? NaN)}${unit}`);
  return s('svg', {class: 'plot', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': told.join(', ')},
    marks,
    s('text', {class: 'tick', x: margin.left, y: height - 6}, `${Math.round(span_ms / 1000)} s ago`),
    s('text', {class: 'tick', x: width - margin.right, y: height - 6, 'text-anchor': 'end'}, 'now'),
    series.map((one) => runsOf(one.points).map((run) => [
      s('polyline', {class: `line tone-${one.tone}`, points: run.map((point) => `${x(point.at_ms).toFixed(1)},${y(point.value).toFixed(1)}`).join(' ')}),
      s('circle', {class: `dot tone-${one.tone}`, cx: x(run.at(-1).at_ms), cy: y(run.at(-1).value), r: 2.5})])));
}

// Where a value is among bins that end at le and are drawn equally wide.
function place(value, bins) {
  const index = bins.findIndex((bin) => value <= bin.le);
  if (index < 0) return bins.length;
  const from = index === 0 ? 0 : bins[index - 1].le;
  const share = bins[index].le === Infinity ? 0.5 : (value - from) / (bins[index].le - from);
  return index + share;
}

/** bins: [{le, parts: [{tone, label, count}]}], limits: [{at, label}]. */
export function drawHistogram({bins, limits = [], unit = ''}, width) {
  const totals = bins.map((bin) => bin.parts.reduce((sum, part) => sum + part.count, 0));
  if (bins.length === 0 || totals.every((total) => total === 0)) return noData(width);
  const {inner, y, marks} = frame(width, niceAbove(Math.max(...totals)), '');
  const step = inner.width / bins.length;
  const every = Math.max(1, Math.ceil((bins.length * 40) / inner.width));  // labels that would touch are left out
  const edge = (bin) => (bin.le === Infinity ? 'more' : count(bin.le));
  const told = bins.filter((_, index) => totals[index] > 0).map((bin) =>
    `up to ${edge(bin)}${unit}: ${bin.parts.filter((part) => part.count > 0).map((part) => `${part.count} ${part.label}`).join(' and ')}`);
  return s('svg', {class: 'plot', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': told.join(', ')},
    marks,
    bins.map((bin, index) => {
      let below = 0;
      const left = margin.left + index * step;
      return [bin.parts.map((part) => {
        const bar = s('rect', {class: `bar tone-${part.tone}`, x: left + 1.5, width: Math.max(1, step - 3), y: y(below + part.count), height: y(below) - y(below + part.count)});
        below += part.count;
        return bar;
      }), index % every === 0 ? s('text', {class: 'tick', x: left + step, y: height - 6, 'text-anchor': 'end'}, edge(bin)) : null];
    }),
    limits.map((limit, index) => {
      const x = margin.left + place(limit.at, bins) * step;
      const end = index === 0 || x > width - 130;  // the first to the left of its line, so that it crosses no other
      return [s('line', {class: 'limit', x1: x, x2: x, y1: margin.top - 10, y2: height - margin.bottom}),
        s('text', {class: 'limit-text', x: x + (end ? -4 : 4), y: margin.top - 12, 'text-anchor': end ? 'end' : 'start'}, limit.label)];
    }));
}

/** rows: [{label, count, tone}]: bars that lie, each with its name and number. */
export function drawCauses({rows}, width) {
  if (rows.length === 0) return noData(width);
  const most = Math.max(1, ...rows.map((row) => row.count));
  const step = 26;
  const named = Math.min(150, width * 0.42);
  const tall = Math.max(height, rows.length * step + 8);
  return s('svg', {class: 'plot', width, height: tall, viewBox: `0 0 ${width} ${tall}`, role: 'img',
    'aria-label': rows.map((row) => `${row.label} ${row.count}`).join(', ')},
  rows.map((row, index) => {
    const y = 8 + index * step;
    return [
      s('text', {class: 'cause', x: named - 8, y: y + 13, 'text-anchor': 'end'}, row.label),
      s('rect', {class: `bar tone-${row.tone}`, x: named, y: y + 2, height: 14, width: Math.max(row.count > 0 ? 2 : 0, (width - named - 56) * (row.count / most))}),
      s('text', {class: 'cause-count', x: named + (width - named - 56) * (row.count / most) + 6, y: y + 13}, count(row.count))];
  }));
}

/** A figure: {element, show(data)}. `keys` name the tones. */
export function plot(title, meaning, draw, keys = []) {
  let data = null;
  const stage = sized((width) => (data === null ? noData(width) : draw(data, width)), 'plot-stage');
  const element = h('figure', {class: 'panel plot-figure'},
    h('figcaption', null, h('h2', null, title), h('p', {class: 'faint'}, meaning)),
    stage.element,
    keys.length > 0 ? h('ul', {class: 'keys'}, keys.map((key) => h('li', {class: `key tone-${key.tone}`}, key.label))) : null);
  return {
    element,
    show(next) {
      data = next;
      stage.redraw();
    },
  };
}
