// SPDX-License-Identifier: Apache-2.0
// An exchange as steps between lanes: who sent what to whom, what was made of it. No elements: timeline.js draws this,
// and packets.js tells it.
import {octets, withoutDot, words} from './format.js';

const serverLabels = {uncut: 'Uncut', before: 'Before'};
const upstreamLanes_max = 3;  // more than that cannot be told apart side by side: they share a lane then

export const causes = {
  short: 'shorter than a header',
  response: 'a response where a query belongs',
  no_question: 'no question that could be read',
  cancelled: 'given up',
  silence: 'nobody answered',
  source: 'from an address or port that was not asked',
  id: 'another ID than was sent',
  qr: 'no response',
  opcode: 'another opcode',
  question: 'another question',
  malformed: 'malformed',
  late: 'too late: what it answers is over',
  letter_case: 'another letter case than was sent',
  refused: 'connection refused',
  connect_timeout: 'no connection in time',
  reset: 'connection reset',
  closed: 'closed before a whole message',
  stalled: 'connected, but no answer in time',
  foreign: 'a message that is not ours',
  tc_again: 'truncated over TCP too',
  held_off: 'not tried: TCP failed to connect a moment ago',
  limit: 'no connection to spare',
  send: 'could not be sent',
};

export function serverLabel(server) {
  return serverLabels[server] ?? server;
}

function reasonOf(cause) {
  return cause && cause !== 'none' ? causes[cause] ?? words(cause) : '';
}

function lanesOf(exchange) {
  const asked = [...new Set(exchange.events.map((event) => event.upstream).filter(Boolean))];
  const lanes = [
    {key: 'client', label: 'client', detail: exchange.client ?? '', tone: 'other'},
    {key: 'server', label: serverLabel(exchange.server), detail: '', tone: exchange.server === 'before' ? 'before' : 'server'},
  ];
  if (asked.length === 0 || asked.length > upstreamLanes_max) {
    return [...lanes, {key: 'upstream', label: asked.length ? 'upstreams' : 'upstream', detail: '', tone: 'other'}];
  }
  asked.forEach((address, index) => {
    lanes.push({key: address, label: asked.length > 1 ? `upstream ${index + 1}` : 'upstream', detail: address, tone: 'other'});
  });
  return lanes;
}

// From which lane to which; a step with from == to is something that happened at that lane.
const ways = {
  query: () => ['client', 'server'],
  ask: (up) => ['server', up],
  answer: (up) => [up, 'server'],
  ignored: (up) => [up, 'server'],
  failed: (up) => [up, up],
  timeout: (up) => [up, up],
  deliver: () => ['server', 'client'],
  drop: () => ['server', 'server'],
};

function noteOf(event) {
  switch (event.kind) {
    case 'ask': return event.shared ? 'shares a query in flight' : '';
    case 'answer': return event.verdict && event.verdict !== 'whole' ? words(event.verdict) : '';
    case 'ignored': return `ignored: ${reasonOf(event.cause) || 'not ours'}`;
    case 'failed': return `failed: ${reasonOf(event.cause) || 'no reason known'}`;
    case 'timeout': return 'timeout: no answer';
    case 'drop': return `dropped${event.cause && event.cause !== 'none' ? `: ${reasonOf(event.cause)}` : ''}`;
    default: return '';
  }
}

/** {lanes, steps}: each step {at_us, kind, from, to (indices of lanes), transport, octets, tc, note, event}. */
export function journeyOf(exchange) {
  const lanes = lanesOf(exchange);
  const laneOf = new Map(lanes.map((lane, index) => [lane.key, index]));
  const steps = exchange.events.map((event) => {
    const [from, to] = (ways[event.kind] ?? ways.drop)(event.upstream);
    const index = (key) => laneOf.get(key) ?? 2;  // an upstream without a lane of its own
    return {
      at_us: event.at_us,
      kind: event.kind,
      from: index(from),
      to: index(to),
      transport: event.transport ?? exchange.transport,
      octets: event.octets,
      tc: event.tc === true,
      note: noteOf(event),
      event,
    };
  });
  return {lanes, steps};
}

/** One step as a sentence: "upstream to Uncut over UDP, 178 octets, TC set: truncated". */
export function tell(step, lanes) {
  const over = step.transport ? ` over ${step.transport.toUpperCase()}` : '';
  const size = step.octets ? `, ${octets(step.octets)}` : '';
  const note = step.note ? `: ${step.note}` : '';
  if (step.from === step.to) return `${lanes[step.from].label}${over}${note}`;
  return `${lanes[step.from].label} to ${lanes[step.to].label}${over}${size}${step.tc ? ', TC set' : ''}${note}`;
}

/** The question as people write it: "www.example A". */
export function questionOf(exchange) {
  return `${withoutDot(exchange.name ?? '?')} ${exchange.type ?? ''}`.trim();
}
