// SPDX-License-Identifier: Apache-2.0
// Draws an exchange as packets between lifelines. Drawn for the width that there is, not scaled: text stays readable.
import {h, s} from './dom.js';
import {duration, octets} from './format.js';
import {journeyOf, questionOf, tell} from './journey.js';
import {sized} from './sized.js';

const headHeight = 52;
const rowHeight = 40;
const noteHeight = 12;       // each line of a note makes its row taller
const gapHeight = 24;        // more, where time passed
const gap_us = 50_000;       // what counts as time that passed: longer than a step on loopback ever takes
const slope = 8;             // a packet takes its time
const narrow = 480;
const crowded = 84;          // between lifelines: less has no room for "upstream 2"
const characterWidth = 6.7;  // of the monospaced labels, at 11 px
const noteCharacterWidth = 6.1;
const noteLines_max = 4;
const stagger_ms = 70;
const stagger_max = 14;      // later rows come together with this one

// Lines of no more characters than have room.
function wrapped(text, room) {
  if (!text) return [];
  const most = Math.max(12, Math.floor(room / noteCharacterWidth));
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length <= most || lines.at(-1) === '') lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.slice(0, noteLines_max);
}

function placed({lanes, steps}, width) {
  const gutter = width < narrow ? 56 : 78;
  const first = gutter + (width < narrow ? 18 : 34);
  const last = width - (width < narrow ? 22 : 60);
  const span = (last - first) / (lanes.length - 1);
  const xs = lanes.map((_, index) => first + index * span);
  let y = headHeight + 26;
  let before = 0;
  const rows = steps.map((step) => {
    const here = step.from === step.to;
    const room = here ? xs[step.from] - gutter - 18 : Math.abs(xs[step.to] - xs[step.from]) * 1.1;
    const lines = wrapped(here && step.from > 1 ? `${(step.transport ?? '').toUpperCase()} ${step.note}` : step.note, room);
    const waited_us = step.at_us - before >= gap_us ? step.at_us - before : 0;
    before = step.at_us;
    if (waited_us > 0) y += gapHeight;
    const row = {...step, y, lines, waited_us};
    y += rowHeight + lines.length * noteHeight;
    return row;
  });
  return {rows, xs, span, gutter, height: y + 2};
}

function head({lanes}, {xs, span}, width) {
  return lanes.map((lane, index) => {
    const last = index === lanes.length - 1;
    const anchor = last && width < narrow ? 'end' : 'middle';
    const x = anchor === 'end' ? width - 2 : xs[index];
    const name = span < crowded ? lane.label.replace('upstream ', 'up ') : lane.label;
    return s('g', {class: `lane lane-${lane.tone}`},
      s('text', {class: 'lane-name', x, y: 16, 'text-anchor': anchor}, name),
      width >= narrow && lane.detail ? s('text', {class: 'lane-detail', x, y: 33, 'text-anchor': anchor}, lane.detail) : null);
  });
}

function lifelines(xs, rows, height) {
  const lines = xs.map((x) => s('line', {class: 'lifeline', x1: x, x2: x, y1: headHeight - 8, y2: height}));
  if (rows.length > 0) {
    lines.push(s('rect', {
      class: 'busy', x: xs[1] - 4, width: 8, rx: 4, y: rows[0].y + slope - 5,
      height: Math.max(12, rows.at(-1).y - rows[0].y + 10 - slope),
    }));
  }
  return lines;
}

function arrowHead(x, y, direction) {
  return s('path', {class: 'arrow-head', d: `M${x} ${y}l${-9 * direction} -5.5l1.8 5l-1.8 5.5z`});
}

function cross(x, y) {
  return s('path', {class: 'cross', d: `M${x - 6} ${y - 6}l12 12m0 -12l-12 12`});
}

// "UDP 178 octets", with the mark TC beside it where TC is set.
function label(row, x, y, room) {
  const transport = (row.transport ?? '').toUpperCase();
  const long = `${transport} ${row.octets ? octets(row.octets) : ''}`.trim();
  const short = `${transport} ${row.octets ?? ''}`.trim();
  const mark = row.tc ? 30 : 0;
  const words = long.length * characterWidth + mark <= room - 22 ? long : short;
  const width = words.length * characterWidth;
  const left = x - (width + mark) / 2;
  return s('g', {class: 'label'},
    s('text', {x: left, y}, words),
    row.tc ? s('rect', {class: 'tc-mark', x: left + width + 6, y: y - 11, width: 24, height: 15, rx: 3}) : null,
    row.tc ? s('text', {class: 'tc-text', x: left + width + 18, y: y + 0.5, 'text-anchor': 'middle'}, 'TC') : null);
}

function text(lines, x, y, anchor) {
  if (lines.length === 0) return null;
  return s('text', {class: 'note', 'text-anchor': anchor, y},
    lines.map((line, index) => s('tspan', {x, dy: index === 0 ? 0 : noteHeight}, line)));
}

// Under its arrow, and no further than the drawing.
function note({lines}, x, y, edges) {
  const half = Math.max(0, ...lines.map((line) => line.length)) * (noteCharacterWidth / 2);
  return text(lines, Math.min(Math.max(x, edges.left + half), edges.right - half), y, 'middle');
}

function packet(row, xs, edges) {
  const from = xs[row.from];
  const to = xs[row.to];
  const direction = Math.sign(to - from);
  const room = Math.abs(to - from);
  const start = from + direction * 5;
  const end = to - direction * 5;
  const middle = (from + to) / 2;
  const ignored = row.kind === 'ignored';
  // An ignored packet arrives, and is crossed out where it would have been taken.
  const stop = ignored ? end - direction * 10 : end;
  return [
    s('line', {class: 'arrow', x1: start, y1: row.y, x2: stop, y2: row.y + slope}),
    ignored ? cross(stop, row.y + slope) : arrowHead(end, row.y + slope, direction),
    label(row, middle, row.y - 6, room),
    note(row, middle, row.y + slope + 13, edges),
  ];
}

// A failure or a timeout at a lane: no packet, a mark on the line and its reason beside it.
function happening(row, xs) {
  const x = xs[row.from];
  const y = row.y + 4;
  return [
    row.kind === 'timeout'
      ? s('path', {class: 'clock', d: `M${x - 7} ${y}a7 7 0 1 0 14 0a7 7 0 1 0 -14 0M${x} ${y - 4}v4l3 2`})
      : [s('circle', {class: 'failure', cx: x, cy: y, r: 8}), cross(x, y)],
    text(row.lines, x - 14, y + 4, 'end'),
  ];
}

function drawRow(row, index, {xs, gutter}, width, animated) {
  const tone = [`step-${row.kind}`, row.transport === 'tcp' ? 'over-tcp' : 'over-udp', row.tc ? 'with-tc' : ''];
  const edges = {left: gutter + 2, right: width - 2};
  const group = s('g', {class: `step ${tone.join(' ')}${animated ? ' arrives' : ''}`},
    row.waited_us > 0
      ? s('path', {class: 'passage', d: `M${xs[1] - 9} ${row.y - 33}l18 -5m-18 11l18 -5`}) : null,
    s('text', {class: 'time', x: gutter - 8, y: row.y + 4, 'text-anchor': 'end'}, duration(row.at_us)),
    row.from === row.to ? happening(row, xs) : packet(row, xs, edges));
  if (animated) group.style.setProperty('animation-delay', `${Math.min(index, stagger_max) * stagger_ms}ms`);
  return group;
}

function draw(exchange, width, animated) {
  const journey = journeyOf(exchange);
  const place = placed(journey, width);
  const told = journey.steps.map((step) => tell(step, journey.lanes)).join('; ');
  return s('svg', {
    class: 'timeline', role: 'img', width, height: place.height, viewBox: `0 0 ${width} ${place.height}`,
    'aria-label': `Timeline of ${questionOf(exchange)}: ${told}.`,
  },
  lifelines(place.xs, place.rows, place.height), head(journey, place, width),
  place.rows.map((row, index) => drawRow(row, index, place, width, animated)));
}

/** A figure that draws itself anew when its width changes. `animated`: the packets arrive one after the other. */
export function timeline(exchange, {animated = false} = {}) {
  const stage = sized((width, first) => draw(exchange, width, animated && first), 'timeline-stage');
  const omitted = exchange.events_omitted > 0
    ? h('figcaption', null, `${exchange.events_omitted} further events were not kept.`) : null;
  return h('figure', {class: 'timeline-figure'}, stage.element, omitted);
}

/** What the marks of a timeline mean. */
export function legend() {
  const sample = (tone, text) => h('li', null,
    s('svg', {class: 'timeline sample', width: 34, height: 12, viewBox: '0 0 34 12', 'aria-hidden': 'true'},
      s('g', {class: tone}, s('line', {class: 'arrow', x1: 1, y1: 6, x2: 26, y2: 6}), arrowHead(33, 6, 1))), text);
  return h('ul', {class: 'legend', 'aria-label': 'Legend'},
    sample('over-udp', 'UDP'), sample('over-tcp', 'TCP'), sample('over-udp with-tc', 'truncated: TC'),
    h('li', null, s('svg', {class: 'timeline sample', width: 14, height: 14, viewBox: '0 0 14 14', 'aria-hidden': 'true'},
      s('g', {class: 'step-ignored'}, cross(7, 7))), 'ignored or failed'));
}
