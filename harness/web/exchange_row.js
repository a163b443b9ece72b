// SPDX-License-Identifier: Apache-2.0
// One exchange as a row of the list: enough to choose by.
import {h} from './dom.js';
import {duration, octets, timeOfDay, withoutDot, words} from './format.js';
import {causes, serverLabel} from './journey.js';
import {tcMark} from './message.js';

/** What came of an exchange: a badge whose text says it, coloured by how it went. */
export function outcomeOf(exchange) {
  if (exchange.outcome === 'dropped') {
    return {tone: 'bad', text: exchange.cause && exchange.cause !== 'none' ? `dropped: ${words(exchange.cause)}` : 'dropped'};
  }
  if (exchange.outcome === 'streamed') return {tone: 'plain', text: 'streamed'};
  if (exchange.response && exchange.response.rcode === 'SERVFAIL') return {tone: 'bad', text: 'SERVFAIL'};
  if (exchange.verdict === null) return {tone: 'plain', text: 'no answer taken'};
  return {tone: exchange.verdict === 'whole' ? 'good' : 'odd', text: words(exchange.verdict)};
}

function way(exchange) {
  const badge = (transport) => h('span', {class: transport}, transport.toUpperCase());
  if (!exchange.upstream_transport) return badge(exchange.transport);
  return [badge(exchange.transport), ' → ', badge(exchange.upstream_transport)];
}

export function exchangeRow(exchange) {
  const {tone, text} = outcomeOf(exchange);
  const response = exchange.response;
  const truncated = response?.flags?.includes('tc');
  return h('li', {'data-number': exchange.number},
    h('a', {href: `#exchanges/${exchange.number}`},
      h('span', {class: 'row-name'}, withoutDot(exchange.name ?? '(no question)'), ' ', h('b', null, exchange.type ?? '')),
      h('span', {class: `badge ${tone}`, title: causes[exchange.cause] ?? ''}, text),
      h('span', {class: 'row-facts'},
        h('span', null, serverLabel(exchange.server)), h('span', null, timeOfDay(exchange.time)), h('span', null, way(exchange)),
        h('span', null, response ? octets(response.octets) : 'no response', truncated ? [' ', tcMark()] : null),
        h('span', null, duration(exchange.duration_us)))));
}
