// SPDX-License-Identifier: Apache-2.0
// Counters as small live plots: /metrics is read every second while they are looked at.
import {api, request} from './api.js';
import {h, replace} from './dom.js';
import {count, words} from './format.js';
import {serverLabel} from './journey.js';
import {quantile, rate, Reading} from './metrics.js';
import {drawCauses, drawHistogram, drawLines, plot} from './plot.js';

const poll_ms = 1000;
const span_ms = 120_000;   // what the lines show
const window_ms = 10_000;  // what a quantile is taken over: with fewer responses it would jump
const readings_max = Math.ceil(span_ms / poll_ms) + 2;

const tones = {whole: 'good', failed: 'bad'};
const retryTone = (cause) => (/^(whole|ok|none|success|answered)$/.test(cause) ? tones.whole : tones.failed);

let readings = [];  // kept when one looks at another view and comes back

function keep(reading) {
  readings.push(reading);
  while (readings.length > readings_max) readings.shift();
}

// The reading that is at least so much older, or the oldest that there is.
function readingBefore(index, age_ms) {
  const wanted = readings[index].at_ms - age_ms;
  for (let i = index - 1; i > 0; --i) if (readings[i].at_ms <= wanted) return readings[i];
  return index > 0 ? readings[0] : null;
}

const series = (label, tone, valueAt) =>
  ({label, tone, points: readings.map((reading, index) => ({at_ms: reading.at_ms, value: valueAt(reading, index)}))});

function linesOf(all, unit) {
  return {series: all, unit, span_ms, now_ms: readings.at(-1).at_ms};
}

const previous = (index) => readings[index - 1];

function truncationLines(wanted) {
  return linesOf([
    series('questions', 'plain', (now, index) => rate(now, previous(index), 'uncut_exchanges_started_total', wanted)),
    series('truncated answers', 'tc', (now, index) => rate(now, previous(index), 'uncut_truncated_responses_total', wanted)),
  ], '/s');
}

function latencyLines(wanted) {
  const at = (share) => (now, index) => {
    const value = quantile(share, now, readingBefore(index, window_ms), 'uncut_server_latency_seconds', wanted);
    return value === null ? null : value * 1000;
  };
  return linesOf([series('half are faster', 'plain', at(0.5)), series('99 of 100 are faster', 'tcp', at(0.99))], ' ms');
}

function retryRows(wanted) {
  const sums = readings.at(-1).by('uncut_tcp_retries_total', 'cause', wanted);
  if (sums === null) return null;
  const rows = Object.entries(sums).filter(([, value]) => value > 0)
    .map(([cause, value]) => ({label: words(cause), count: value, tone: retryTone(cause)}));
  return {rows: rows.sort((one, other) => other.count - one.count)};
}

function sizeBars(wanted, limits) {
  const name = 'uncut_server_response_octets';
  const udp = readings.at(-1).buckets(name, {...wanted, transport: 'udp'});
  const tcp = readings.at(-1).buckets(name, {...wanted, transport: 'tcp'});
  if (udp === null && tcp === null) return null;
  const edges = (udp ?? tcp).map((bin) => bin.le);
  const of = (bins, index) => bins?.[index]?.count ?? 0;
  return {
    limits,
    bins: edges.map((le, index) => ({le, parts: [
      {tone: 'udp', label: 'over UDP', count: of(udp, index)}, {tone: 'tcp', label: 'over TCP', count: of(tcp, index)}]})),
  };
}

const figures = [
  {label: 'questions', family: 'uncut_exchanges_started_total'},
  {label: 'truncated answers', family: 'uncut_truncated_responses_total'},
  {label: 'asked again over TCP', family: 'uncut_tcp_retries_total'},
];

function totals(wanted) {
  const last = readings.at(-1);
  return figures.map(({label, family}) => {
    const sum = last.sum(family, wanted);
    return h('div', null, h('dt', null, label), h('dd', null, sum === null ? 'no data yet' : count(sum)));
  });
}

function serverChoice(context, onChange) {
  const servers = ['uncut', 'before'].filter((name) => context.has(name));
  if (servers.length < 2) return null;
  return h('fieldset', {class: 'segments'}, h('legend', null, 'Server'), servers.map((name, index) =>
    h('label', null, h('input', {type: 'radio', name: 'server', value: name, checked: index === 0, onchange: () => onChange(name)}),
      h('span', null, serverLabel(name)))));
}

async function limitsNow() {
  const plain = {at: 512, label: '512: without EDNS'};  // RFC 1035 4.2.1
  try {
    const {client_bufsize: most} = (await api.get('/v1/policies/default')).value;
    return [plain, {at: most, label: `${count(most)}: client_bufsize`}];
  } catch {
    return [plain];
  }
}

export function countersView(context) {
  let server = 'uncut';
  let timer = null;
  let left = false;
  let limits = [];
  const notice = h('div');
  const numbers = h('dl', {class: 'totals'});
  const plots = {
    truncation: plot('Truncation', 'questions, and answers of the upstream that were truncated', drawLines,
      [{tone: 'plain', label: 'questions'}, {tone: 'tc', label: 'truncated answers'}]),
    retries: plot('Retries over TCP', 'what came of them, by cause', drawCauses),
    sizes: plot('Response sizes', 'octets towards clients, against the limits', drawHistogram,
      [{tone: 'udp', label: 'UDP'}, {tone: 'tcp', label: 'TCP'}]),
    latency: plot('Latency', `from query to response, over ${window_ms / 1000} s`, drawLines,
      [{tone: 'plain', label: 'half are faster'}, {tone: 'tcp', label: '99 of 100 are faster'}]),
  };

  function show() {
    if (readings.length === 0) return;
    const wanted = context.has('before') ? {server} : {};
    replace(numbers, totals(wanted));
    plots.truncation.show(truncationLines(wanted));
    plots.retries.show(retryRows(wanted));
    plots.sizes.show(sizeBars(wanted, limits));
    plots.latency.show(latencyLines(wanted));
  }

  async function poll() {
    try {
      const text = await (await request('/metrics')).text();
      limits = await limitsNow();
      keep(new Reading(text, performance.now()));
      replace(notice);
      if (!left) show();
    } catch (error) {
      replace(notice, h('p', {class: 'notice bad'}, error.message));
    }
    if (!left) timer = setTimeout(poll, poll_ms);
  }
  poll();
  return {
    element: h('div', {class: 'view view-counters'},
      h('header', {class: 'view-head'}, h('h1', null, 'Counters'),
        h('p', {class: 'lede'}, 'Read every second from ', h('a', {href: '/metrics'}, '/metrics'), '.')),
      serverChoice(context, (name) => {
        server = name;
        show();
      }), notice, numbers, h('div', {class: 'plots'}, Object.values(plots).map((one) => one.element))),
    leave() {
      left = true;
      clearTimeout(timer);
    },
  };
}
