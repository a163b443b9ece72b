// SPDX-License-Identifier: Apache-2.0
// One exchange, opened: what it was, its timeline, its packets, both messages.
import {h} from './dom.js';
import {outcomeOf} from './exchange_row.js';
import {duration, timeOfDay} from './format.js';
import {questionOf, serverLabel} from './journey.js';
import {bothMessages, packets} from './packets.js';
import {legend, timeline} from './timeline.js';

function facts(exchange) {
  const rows = [
    ['Server', serverLabel(exchange.server)],
    ['Client', `${exchange.client} over ${exchange.transport.toUpperCase()}`],
    ['Began', `${timeOfDay(exchange.time)} UTC`],
    ['Took', duration(exchange.duration_us)],
    ['Policy', exchange.revision === null ? 'none applied' : `revision ${exchange.revision}`],
    ['Answer came by', exchange.upstream_transport ? exchange.upstream_transport.toUpperCase() : 'none'],
  ];
  return h('dl', {class: 'facts wide'}, rows.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
}

/** {element, focus}: focus goes to its heading. */
export function exchangeDetail(exchange) {
  const {tone, text} = outcomeOf(exchange);
  const heading = h('h2', {tabindex: '-1'}, questionOf(exchange));
  const element = h('article', {class: 'detail panel'},
    h('p', {class: 'back'}, h('a', {href: '#exchanges'}, '← All exchanges')),
    h('header', null, h('p', {class: 'faint'}, `Exchange ${exchange.number}`), heading, h('p', null, h('span', {class: `badge ${tone}`}, text))),
    facts(exchange), legend(), timeline(exchange),
    h('h3', null, 'Packets'), packets(exchange),
    h('h3', null, 'Messages'), bothMessages(exchange));
  return {element, focus: () => heading.focus({preventScroll: matchMedia('(min-width: 1000px)').matches})};
}
