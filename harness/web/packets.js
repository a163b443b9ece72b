// SPDX-License-Identifier: Apache-2.0
// An exchange in words: each of its steps, opening to the message that it carried, and what the client asked and got.
import {h} from './dom.js';
import {duration, octets} from './format.js';
import {journeyOf} from './journey.js';
import {messageView, tcMark} from './message.js';

function stepLine(step, lanes) {
  const way = step.from === step.to ? lanes[step.from].label : `${lanes[step.from].label} → ${lanes[step.to].label}`;
  return [
    h('span', {class: 'when'}, duration(step.at_us)),
    h('span', {class: 'way'}, way),
    h('span', {class: step.transport === 'tcp' ? 'tcp' : 'udp'}, (step.transport ?? '').toUpperCase()),
    h('span', {class: 'size'}, step.octets ? octets(step.octets) : ''),
    h('span', {class: 'said'}, step.tc ? [tcMark(), ' '] : null, step.note),
  ];
}

// What went between the client and the server is the exchange's own query and response.
function messageOf(event, exchange) {
  if (event.message) return event.message;
  if (event.kind === 'query') return exchange.query;
  return event.kind === 'deliver' ? exchange.response : null;
}

/** The steps as a list. */
export function packets(exchange) {
  const {lanes, steps} = journeyOf(exchange);
  return h('ol', {class: 'packets'}, steps.map((step) => {
    const line = stepLine(step, lanes);
    const message = messageOf(step.event, exchange);
    return h('li', {class: `step-${step.kind}`},
      message ? h('details', null, h('summary', null, line), messageView(message)) : h('div', {class: 'line'}, line));
  }));
}

/** What the client asked and what it got, side by side where there is room. */
export function bothMessages(exchange) {
  const one = (title, message, otherwise) => h('section', {class: 'side'},
    h('h4', null, title), message ? messageView(message) : h('p', {class: 'faint'}, otherwise));
  return h('div', {class: 'both'},
    one('What the client asked', exchange.query, 'The query could not be read.'),
    one('What the client got', exchange.response, 'No response.'));
}
