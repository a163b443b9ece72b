// SPDX-License-Identifier: Apache-2.0
// A decoded DNS message, the way dig shows it: header, EDNS, question, and the records by RRset.
import {h} from './dom.js';
import {octets, plural, words} from './format.js';

const sections = [['answer', 'Answer'], ['authority', 'Authority'], ['additional', 'Additional']];
const folded_min = 48;  // records of one RRset, from which on they start folded in

/** The mark for TC: red, and the letters. */
export function tcMark() {
  return h('span', {class: 'tc', title: 'TC is set: truncated'}, 'TC');
}

function flagsOf(message) {
  return h('span', {class: 'flags'}, message.flags.map((flag) => (flag === 'tc' ? tcMark() : h('span', null, flag))));
}

// Adjacent records of one owner, class and type.
function rrsetsOf(records) {
  const sets = [];
  for (const record of records) {
    const last = sets.at(-1);
    if (last && last.name === record.name && last.type === record.type && last.class === record.class) {
      last.data.push(record.data);
    } else {
      sets.push({...record, data: [record.data]});
    }
  }
  return sets;
}

function rrset(set) {
  const addresses = set.type === 'A' || set.type === 'AAAA';
  const data = h('ul', {class: addresses ? 'data addresses' : 'data'}, set.data.map((text) => h('li', null, text)));
  const title = [
    h('span', {class: 'owner'}, set.name), ' ',
    h('b', null, set.type), ' ',
    h('span', {class: 'faint'}, `${set.class === 'IN' ? '' : `${set.class} `}TTL ${set.ttl_s} s`),
  ];
  if (set.data.length < folded_min) return h('div', {class: 'rrset'}, h('p', null, title), data);
  return h('details', {class: 'rrset'},
    h('summary', null, title, ' ', h('span', {class: 'count'}, `${plural(set.data.length, 'record')}`)), data);
}

function section(message, [key, title]) {
  const records = message[key] ?? [];
  if (records.length === 0) return null;
  return h('section', {class: 'records'},
    h('h5', null, title, ' ', h('span', {class: 'faint'}, String(records.length))), rrsetsOf(records).map(rrset));
}

// A query has no RCODE that says anything, and a response's opcode is worth a word only if it is an odd one.
function headerOf({opcode, rcode, flags}) {
  if (!flags.includes('qr')) return opcode;
  return opcode === 'QUERY' ? rcode : `${opcode} ${rcode}`;
}

function ednsOf(edns) {
  if (!edns) return 'none';
  const options = (edns.options ?? []).map((option) => `option ${option.code}${option.hex ? ` (${option.hex})` : ''}`);
  return [`version ${edns.version}`, octets(edns.udp_payload_size), edns.do ? 'DO' : null, ...options]
    .filter(Boolean).join(', ');
}

function hex(message) {
  if (!message.hex) return null;
  const rows = message.hex.match(/.{1,32}/g) ?? [];
  const text = rows.map((row, index) => `${(index * 16).toString(16).padStart(4, '0')}  ${row.replace(/(..)/g, '$1 ')}`);
  return h('details', {class: 'hex'}, h('summary', null, 'Octets'), h('pre', {tabindex: '0'}, text.join('\n')));
}

function faultOf(error) {
  if (!error) return null;
  return h('p', {class: 'wrong'}, `Cannot be read to its end: ${words(error.status)} at octet ${error.octet}.`);
}

/** An element with all of a message. */
export function messageView(message) {
  const question = message.question;
  return h('div', {class: 'message'},
    h('dl', {class: 'facts'},
      h('dt', null, 'Header'),
      h('dd', null, h('b', null, headerOf(message)), ' ',
        flagsOf(message), ' ', h('span', {class: 'faint'}, `ID ${message.id}, ${octets(message.octets)}`)),
      h('dt', null, 'EDNS'), h('dd', null, ednsOf(message.edns)),
      h('dt', null, 'Question'),
      h('dd', {class: 'mono'}, question ? `${question.name} ${question.class} ${question.type}` : 'none')),
    sections.map((row) => section(message, row)),
    message.omitted > 0 ? h('p', {class: 'faint'}, `${plural(message.omitted, 'further record')} not decoded.`) : null,
    faultOf(message.error), hex(message));
}
