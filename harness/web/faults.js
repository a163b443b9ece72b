// SPDX-License-Identifier: Apache-2.0
// The scripted upstream: scenarios, the faults that are armed, what it answers.
import {answersPart} from './answers.js';
import {api, pathOf} from './api.js';
import {announce, h, replace, writer} from './dom.js';
import {faultForm} from './fault_form.js';
import {plural, withoutDot, words} from './format.js';
import {scenariosPart} from './scenarios.js';

const poll_ms = 1500;  // how often faults are asked how often they struck: a person's patience, and no load
const matchFields = ['id', 'kind', 'name', 'type', 'transport', 'probability', 'seed', 'times', 'struck'];

function matchOf(fault) {
  const what = [fault.name ? withoutDot(fault.name) : 'any name', fault.type ?? 'any type', fault.transport ? fault.transport.toUpperCase() : 'UDP and TCP'];
  return what.join(', ') + (fault.probability !== undefined && fault.probability < 1 ? `, ${fault.probability * 100} %` : '');
}

function parametersOf(fault) {
  return Object.entries(fault).filter(([name]) => !matchFields.includes(name))
    .map(([name, value]) => `${words(name)} ${value}`).join(', ');
}

function faultRow(fault, remove) {
  const spent = fault.times !== undefined && fault.struck >= fault.times;
  const struck = fault.times === undefined
    ? `struck ${plural(fault.struck, 'time')}` : `struck ${fault.struck} of ${plural(fault.times, 'time')}`;
  const share = fault.times ? h('progress', {max: fault.times, value: fault.struck, 'aria-label': struck}) : null;
  return h('li', {class: spent ? 'spent' : '', 'data-fault': fault.id},
    h('div', {class: 'fault-what'}, h('b', {class: 'mono'}, fault.kind), ' ', h('span', {class: 'mono'}, parametersOf(fault)),
      h('p', {class: 'faint'}, matchOf(fault))),
    h('div', {class: 'fault-struck'}, struck, spent ? ' (spent)' : '', share),
    h('button', {type: 'button', class: 'small', 'aria-label': `Delete fault ${fault.id}, ${fault.kind}`, onclick: () => remove(fault)}, 'Delete'));
}

/** The list and its form. {element, refresh}. */
function faultsPart(onWritten) {
  const list = h('ul', {class: 'faults'});
  const notice = h('div');
  const place = h('div');
  let shown = '';

  async function refresh() {
    const {faults} = (await api.get('/v1/faults')).value;
    const now = JSON.stringify(faults);
    if (now === shown) return;
    shown = now;
    const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute('aria-label') : null;
    replace(list, faults.length === 0
      ? h('li', {class: 'empty faint'}, 'None: the upstream answers as well as it can.') : faults.map((fault) => faultRow(fault, remove)));
    if (focused) [...list.querySelectorAll('button')].find((one) => one.getAttribute('aria-label') === focused)?.focus();
  }
  const write = writer(notice, async (said) => {
    await refresh();
    announce(said);
    onWritten();
  });
  const remove = (fault) => write(() => api.remove(pathOf(['v1', 'faults', String(fault.id)])), `Fault ${fault.id} is gone`);

  api.get('/v1/fault-kinds').then(({value}) => replace(place, faultForm(value.kinds, async (fault) => {
    await api.post('/v1/faults', fault);
    await refresh();
    announce(`${fault.kind} is armed`);
    onWritten();
  }))).catch((error) => replace(place, h('p', {class: 'notice bad'}, error.message)));

  const element = h('section', {class: 'panel', 'aria-labelledby': 'faults-title'},
    h('div', {class: 'panel-head'}, h('h2', {id: 'faults-title'}, 'Faults'),
      h('button', {type: 'button', class: 'small', onclick: () => write(() => api.remove('/v1/faults'), 'All faults are gone')}, 'Delete all')),
    notice, list, place);
  return {element, refresh};
}

function withoutUpstream() {
  return h('p', {class: 'notice'},
    'There is no scripted upstream here: queries go to real servers. Start ', h('code', null, 'uncut demo'), ' to script faults.');
}

export function faultsView(context) {
  const place = h('div', {class: 'faults-place'});
  let timer = null;
  let left = false;

  async function show() {
    if (!context.has('upstream')) {
      replace(place, withoutUpstream());
      return;
    }
    const faults = faultsPart(() => scenarios.refresh());
    const answers = answersPart(() => scenarios.refresh());
    const scenarios = scenariosPart(() => Promise.all([faults.refresh(), answers.refresh()]));
    replace(place, scenarios.element, h('div', {class: 'two'}, faults.element, answers.element));
    await Promise.all([faults.refresh(), answers.refresh(), scenarios.refresh()]).catch((error) =>
      place.prepend(h('p', {class: 'notice bad', role: 'alert'}, error.message)));
    const poll = async () => {
      await faults.refresh().catch(() => {});  // it may be back at the next
      if (!left) timer = setTimeout(poll, poll_ms);
    };
    if (!left) timer = setTimeout(poll, poll_ms);
  }
  show();
  return {
    element: h('div', {class: 'view view-faults'},
      h('header', {class: 'view-head'}, h('h1', null, 'Faults'),
        h('p', {class: 'lede'}, 'What the scripted upstream does wrong, and what it would answer if it did not.')), place),
    leave() {
      left = true;
      clearTimeout(timer);
    },
  };
}
