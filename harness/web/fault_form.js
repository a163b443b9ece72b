// SPDX-License-Identifier: Apache-2.0
// The form that arms a fault, made from what the API says about its kinds.
import {freshId, h, replace} from './dom.js';
import {fieldRow, numberOrText, showError} from './fields.js';

const groups = {
  size: 'Too much for a datagram', content: 'What is in it', way: 'On its way', shape: 'Malformed', edns: 'EDNS', tcp: 'TCP',
};

// What every kind takes, apart from its own parameters. Those with an example are left out when empty.
const common = [
  {name: 'name', meaning: 'the name asked for; empty: any'},
  {name: 'type', meaning: 'the type asked for; empty: any'},
  {name: 'probability', meaning: 'more than 0, at most 1; empty: always'},
  {name: 'times', meaning: 'how often it strikes; empty: without end'},
  {name: 'seed', meaning: 'of the generator behind the probability'},
];

function textRow(field, numeric) {
  const row = fieldRow({...field, kind: 'integer'});
  return {...row, get: () => (numeric ? row.get() : String(row.get()))};
}

function kindSelect(kinds, id, onChange) {
  const names = [...new Set(kinds.map((kind) => kind.group))];
  return h('select', {id, name: 'kind', class: 'mono', onchange: onChange}, names.map((group) =>
    h('optgroup', {label: groups[group] ?? group}, kinds.filter((kind) => kind.group === group).map((kind) =>
      h('option', {value: kind.kind}, kind.kind)))));
}

// "kind" and "transport" have controls of their own, and errors at them belong there.
function selectRow(name, select, meaning) {
  const error = h('p', {class: 'wrong', role: 'alert', id: `${select.id}-error`});
  select.setAttribute('aria-describedby', `${select.id}-meaning ${select.id}-error`);
  const element = h('div', {class: 'field', 'data-field': name},
    h('div', {class: 'field-head'}, h('label', {class: 'field-name', for: select.id}, name),
      h('p', {class: 'field-meaning', id: `${select.id}-meaning`}, meaning)),
    h('div', {class: 'field-control'}, select), error);
  return {
    name, element, get: () => select.value, focus: () => select.focus(),
    refuse(text) {
      error.textContent = text;
      element.classList.toggle('refused', text !== '');
    },
  };
}

/** `arm` is given the FAULT; what it throws is shown where it belongs. */
export function faultForm(kinds, arm) {
  const notice = h('div');
  const place = h('div', {class: 'parameters'});
  const meaning = h('span');
  let rows = [];

  const kind = kindSelect(kinds, freshId('kind'), () => showKind());
  const kindRow = selectRow('kind', kind, meaning);
  const commonRows = common.map((field) => textRow(field, field.name !== 'name' && field.name !== 'type'));

  function showKind() {
    const chosen = kinds.find((one) => one.kind === kind.value);
    meaning.textContent = chosen.meaning;
    const transport = h('select', {id: freshId('transport'), name: 'transport'},
      chosen.transports.length > 1 ? h('option', {value: ''}, 'any') : null,
      chosen.transports.map((word) => h('option', {value: word}, word.toUpperCase())));
    if (chosen.transports.length === 1) transport.value = chosen.transports[0];
    const parameters = chosen.parameters.map((parameter) => {
      const row = fieldRow({kind: 'integer', ...parameter, meaning: parameter.meaning ?? ''});
      row.set(parameter.default ?? '');
      return {...row, get: () => numberOrText(String(row.get()))};
    });
    const transportRow = selectRow('transport', transport, 'over which it strikes');
    rows = [kindRow, ...parameters, transportRow, ...commonRows];
    const matching = chosen.matches_queries === false ? [] : [transportRow, ...commonRows];
    replace(place, parameters.map((row) => row.element),
      matching.length > 0 ? h('fieldset', null, h('legend', null, 'Strikes'), matching.map((row) => row.element)) : null);
    rows = [kindRow, ...parameters, ...matching];
    for (const row of rows) row.refuse('');
  }

  function fault() {
    const entries = rows.map((row) => [row.name, row.get()]).filter(([, value]) => value !== '');
    return Object.fromEntries(entries);
  }
  showKind();
  return h('form', {
    class: 'fields compact', novalidate: true, 'aria-label': 'Arm a fault',
    async onsubmit(event) {
      event.preventDefault();
      try {
        await arm(fault());
        for (const row of rows) row.refuse('');
        replace(notice);
      } catch (error) {
        showError(error, rows, notice);
      }
    },
  }, h('h3', null, 'Arm another'), kindRow.element, place, notice,
  h('div', {class: 'actions'}, h('button', {type: 'submit', class: 'primary'}, 'Arm')));
}
