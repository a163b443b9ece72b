// SPDX-License-Identifier: Apache-2.0
// The frame of the page: which view is shown, where Uncut listens, and the token.
import {api, onTokenWanted} from './api.js';
import {countersView} from './counters.js';
import {announce, h, replace} from './dom.js';
import {exchangesView} from './exchanges.js';
import {faultsView} from './faults.js';
import {policiesView} from './policies.js';
import {storyView} from './story.js';
import {askForToken} from './token.js';

/** Each makes {element, leave, update}: update takes the rest of the address when only that changed. */
const views = {
  story: {title: 'Story', make: storyView},
  exchanges: {title: 'Exchanges', make: exchangesView},
  policies: {title: 'Policies', make: policiesView},
  faults: {title: 'Faults', make: faultsView},
  counters: {title: 'Counters', make: countersView},
};

const main = document.getElementById('main');
const context = {listeners: [], has: (name) => context.listeners.some((listener) => listener.name === name)};
let shown = null;

// "#exchanges/17" -> {name: "exchanges", rest: "17", query}; "#story?name=x" has its question in the query.
function route() {
  const [path, query = ''] = location.hash.replace(/^#/, '').split('?');
  const slash = path.indexOf('/');
  const name = slash < 0 ? path : path.slice(0, slash);
  return {
    name: Object.hasOwn(views, name) ? name : 'story',
    rest: slash < 0 ? '' : decodeURIComponent(path.slice(slash + 1)),
    query: new URLSearchParams(query),
  };
}

function markCurrent(name) {
  for (const link of document.querySelectorAll('.views a')) {
    if (link.hash === `#${name}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function show() {
  const to = route();
  if (shown?.name === to.name) return shown.view.update?.(to);
  const first = shown === null;
  shown?.view.leave?.();
  const view = views[to.name].make(context, to);
  shown = {name: to.name, view};
  main.replaceChildren(view.element);
  document.title = `${views[to.name].title} · Uncut`;
  markCurrent(to.name);
  if (!first) {
    window.scrollTo(0, 0);
    main.focus({preventScroll: true});
    announce(`${views[to.name].title} is shown`);
  }
}

async function showWhere() {
  const where = document.getElementById('where');
  try {
    context.listeners = (await api.get('/v1/listeners')).value.listeners;
  } catch {
    context.listeners = [];
  }
  replace(where, context.listeners.filter((listener) => listener.name !== 'admin').map((listener) =>
    h('div', null, h('dt', null, listener.name), h('dd', null, listener.address))));
}

// A link to #main would be taken for a view.
document.querySelector('[data-skip]').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
onTokenWanted(askForToken);
await showWhere();
addEventListener('hashchange', show);
show();
