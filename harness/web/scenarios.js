// SPDX-License-Identifier: Apache-2.0
// Scenarios: the whole state in one document. A button puts a built-in one in force.
import {api, pathOf} from './api.js';
import {announce, h, replace} from './dom.js';

/** {element, refresh}. `onLoaded` is called when another one is in force. */
export function scenariosPart(onLoaded) {
  const notice = h('div');
  const list = h('ul', {class: 'scenarios'});
  let known = [];
  let current = null;

  async function load(name) {
    try {
      const {value} = await api.get(pathOf(['v1', 'scenarios', name]));
      await api.put('/v1/scenario', value);
      await refresh();
      await onLoaded();
      replace(notice, h('p', {class: 'notice good'}, `${value.title || name} is in force. `, h('a', {href: '#story'}, 'Ask its questions')));
      announce(`${value.title || name} is in force`);
    } catch (error) {
      replace(notice, h('p', {class: 'notice bad', role: 'alert'}, error.message));
    }
  }

  async function reset() {
    try {
      await api.post('/v1/reset');
      await refresh();
      await onLoaded();
      replace(notice, h('p', {class: 'notice good'}, 'All is as it was at start.'));
      announce('All is as it was at start');
    } catch (error) {
      replace(notice, h('p', {class: 'notice bad', role: 'alert'}, error.message));
    }
  }

  function render() {
    replace(list, known.map(({name, title, description}) => h('li', null,
      h('button', {type: 'button', class: 'scenario', 'aria-pressed': String(name === current), 'data-scenario': name, onclick: () => load(name)},
        h('b', null, title || name), h('span', null, description ?? '')))));
  }

  async function refresh() {
    const [all, now] = await Promise.all([api.get('/v1/scenarios'), api.get('/v1/scenario')]);
    known = all.value.scenarios;
    current = now.value.name;
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.scenario : null;
    render();
    if (focused) list.querySelector(`[data-scenario="${CSS.escape(focused)}"]`)?.focus();
  }

  const element = h('section', {class: 'panel', 'aria-labelledby': 'scenarios-title'},
    h('div', {class: 'panel-head'}, h('h2', {id: 'scenarios-title'}, 'Scenarios'),
      h('button', {type: 'button', class: 'small', onclick: reset}, 'Reset everything')),
    h('p', {class: 'faint'}, 'Each puts policies, answers and faults in the place of those that are there.'), notice, list);
  return {element, refresh};
}
