// SPDX-License-Identifier: Apache-2.0
// The live list of exchanges, and one of them opened. The list keeps a bounded number of rows and can be paused.
import {api, pathOf} from './api.js';
import {announce, freshId, h, replace} from './dom.js';
import {exchangeDetail} from './exchange_detail.js';
import {exchangeRow} from './exchange_row.js';
import {plural, words} from './format.js';
import {follow} from './stream.js';

const rows_max = 200;     // what a person scrolls through, and a browser redraws without a thought
const waiting_max = 200;  // of what comes while the list is paused; older ones can be had from the journal
const typing_ms = 300;    // after the last key, the filter is what it says

const filters = [
  {name: 'server', label: 'Server', words: ['', 'uncut', 'before']},
  {name: 'verdict', label: 'Verdict',
    words: ['', 'whole', 'truncated', 'cut', 'oversize', 'dangling_cname', 'malformed', 'not_ours']},
  {name: 'transport', label: 'Transport', words: ['', 'udp', 'tcp']},
];

function filterForm(context, onChange) {
  let typing = null;
  const later = () => {
    clearTimeout(typing);
    typing = setTimeout(onChange, typing_ms);
  };
  const nameId = freshId('filter');
  const name = h('input', {type: 'text', id: nameId, class: 'mono', autocomplete: 'off', autocapitalize: 'off',
    spellcheck: 'false', oninput: later});
  const shown = filters.filter((filter) => filter.name !== 'server' || context.has('before'));
  const selects = shown.map((filter) => {
    const id = freshId('filter');
    const select = h('select', {id, name: filter.name, onchange: onChange},
      filter.words.map((word) => h('option', {value: word}, word === '' ? 'any' : words(word))));
    return {name: filter.name, select, element: h('div', {class: 'ask-field'}, h('label', {for: id}, filter.label), select)};
  });
  const element = h('form', {
    class: 'filters', role: 'search', 'aria-label': 'Filter the exchanges',
    onsubmit(event) {
      event.preventDefault();
      clearTimeout(typing);
      onChange();
    },
  }, h('div', {class: 'ask-field grow'}, h('label', {for: nameId}, 'Name'), name), selects.map((one) => one.element));
  return {
    element,
    get: () => ({name: name.value.trim(), ...Object.fromEntries(selects.map((one) => [one.name, one.select.value]))}),
    leave: () => clearTimeout(typing),
  };
}

/** The rows that are shown, newest first, and those that wait while it is paused. */
function liveList(onCount) {
  const element = h('ol', {class: 'exchanges', 'aria-label': 'Exchanges, newest first'});
  let waiting = [];
  let paused = false;

  function insert(exchange) {
    element.prepend(exchangeRow(exchange));
    while (element.childElementCount > rows_max) element.lastElementChild.remove();
  }
  function add(exchange) {
    if (paused) {
      waiting.push(exchange);
      if (waiting.length > waiting_max) waiting.shift();
    } else {
      insert(exchange);
    }
    onCount(element.childElementCount, waiting.length);
  }
  function pause(on) {
    paused = on;
    if (!on) {
      waiting.forEach(insert);
      waiting = [];
    }
    onCount(element.childElementCount, waiting.length);
  }
  function clear() {
    element.replaceChildren();
    waiting = [];
    onCount(0, 0);
  }
  function mark(number) {
    for (const link of element.querySelectorAll('a')) {
      if (link.hash === `#exchanges/${number}`) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  }
  return {element, add, pause, clear, mark};
}

// Up and down go from row to row.
function walkRows(event) {
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  const row = event.target.closest('li');
  if (!step || !row) return;
  event.preventDefault();
  (step > 0 ? row.nextElementSibling : row.previousElementSibling)?.querySelector('a').focus();
}

export function exchangesView(context, {rest}) {
  const state = h('span', {class: 'state'}, 'connecting');
  const counted = h('span', {class: 'faint'});
  const notice = h('div');
  const detail = h('div', {class: 'detail-place'});
  let stop = () => {};
  let generation = 0;  // of the filter: what comes for an earlier one is no longer wanted
  let open = null;

  const list = liveList((shown, waiting) => {
    counted.textContent = `${plural(shown, 'exchange')}${shown >= rows_max ? ', older ones not shown' : ''}${
      waiting > 0 ? `, ${waiting}${waiting >= waiting_max ? ' or more' : ''} waiting` : ''}`;
    empty.hidden = shown > 0;
  });
  const empty = h('p', {class: 'empty faint'}, 'Nothing yet. Ask something: on ', h('a', {href: '#story'}, 'Story'),
    ', or with dig at one of the addresses above.');
  const pauseButton = h('button', {
    type: 'button', 'aria-pressed': 'false',
    onclick() {
      const on = pauseButton.getAttribute('aria-pressed') !== 'true';
      pauseButton.setAttribute('aria-pressed', String(on));
      list.pause(on);
    },
  }, 'Pause');
  const clearButton = h('button', {
    type: 'button',
    async onclick() {
      try {
        await api.remove('/v1/exchanges');
        start();
        announce('The journal is empty');
      } catch (error) {
        replace(notice, h('p', {class: 'notice bad', role: 'alert'}, error.message));
      }
    },
  }, 'Clear');

  const filter = filterForm(context, () => start());

  function refused(error) {
    state.textContent = 'off';
    state.dataset.state = 'off';
    empty.hidden = true;
    const off = error.status === 409;
    replace(notice, h('p', {class: 'notice'}, off
      ? ['No exchange is written down here. Start with ', h('code', null, '--journal N'), ' to keep the newest N.']
      : error.message));
  }

  function shownState(text) {
    state.textContent = text === 'live' ? 'live' : 'reconnecting';
    state.dataset.state = text;
  }

  async function start() {
    stop();
    generation += 1;
    const mine = generation;
    const wanted = filter.get();
    list.clear();
    replace(notice);
    try {
      const {value} = await api.get(pathOf(['v1', 'exchanges'], {...wanted, limit: rows_max}));
      if (mine !== generation) return;
      value.exchanges.forEach(list.add);
      if (open !== null) list.mark(open);
      stop = follow(pathOf(['v1', 'exchanges', 'stream'], wanted), value.last, {
        onEvent(event) {
          if (mine === generation && event.event === 'exchange') list.add(JSON.parse(event.data));
        },
        onState: shownState,
        onRefused: refused,
      });
    } catch (error) {
      if (mine === generation) refused(error);
    }
  }

  async function show(number) {
    open = number === '' ? null : number;
    list.mark(open);
    element.classList.toggle('opened', open !== null);
    if (open === null) {
      replace(detail, h('p', {class: 'empty faint'}, 'Choose an exchange to see its journey.'));
      return;
    }
    const mine = open;
    try {
      const {value} = await api.get(pathOf(['v1', 'exchanges', number]));
      if (mine !== open) return;
      const shown = exchangeDetail(value);
      replace(detail, shown.element);
      shown.focus();
    } catch (error) {
      if (mine === open) replace(detail, h('p', {class: 'notice bad', role: 'alert'}, error.message), backLink());
    }
  }

  const backLink = () => h('p', null, h('a', {href: '#exchanges'}, 'All exchanges'));

  function leaveDetail(event) {
    if (event.key !== 'Escape' || open === null) return;
    const row = [...list.element.querySelectorAll('a')].find((link) => link.hash === `#exchanges/${open}`);
    location.hash = '#exchanges';
    row?.focus();
  }

  list.element.addEventListener('keydown', walkRows);
  detail.addEventListener('keydown', leaveDetail);
  const element = h('div', {class: 'view view-exchanges'},
    h('header', {class: 'view-head'}, h('h1', null, 'Exchanges'),
      h('p', {class: 'lede'}, 'Each is one question’s whole life: what was asked, what came, what was made of it.')),
    h('div', {class: 'bar'}, filter.element,
      h('div', {class: 'bar-end'}, state, counted, pauseButton, clearButton)),
    notice,
    h('div', {class: 'split'}, h('div', {class: 'list-place'}, list.element, empty), detail));
  start();
  show(rest);
  return {
    element,
    update: ({rest: number}) => show(number),
    leave() {
      generation += 1;
      filter.leave();
      stop();
    },
  };
}
