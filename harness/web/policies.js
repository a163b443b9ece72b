// SPDX-License-Identifier: Apache-2.0
// Policies: a zone to choose, its form, presets. Every write says which revision it was made for.
import {api, pathOf, revisionOf} from './api.js';
import {announce, freshId, h, replace} from './dom.js';
import {fieldRow, showError} from './fields.js';

const root = 'default';

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** All that the view shows, read at one revision. */
async function read() {
  const [fields, presets, policies] = await Promise.all([
    api.get('/v1/policy-fields'), api.get('/v1/presets'), api.get('/v1/policies')]);
  const named = await Promise.all(presets.value.presets.map(async (name) =>
    ({name, policy: (await api.get(pathOf(['v1', 'presets', name]))).value})));
  return {fields: fields.value.fields, presets: named, zones: policies.value, tag: policies.tag};
}

/** The form of one zone. A zone other than the root may leave a field to the root: then its box is not ticked. */
function zoneForm(state, zone, save) {
  const own = state.zones[zone] ?? {};
  const inherits = zone !== root;
  const rows = state.fields.map((field) => {
    const set = inherits ? h('input', {type: 'checkbox', 'aria-label': `Set ${field.name} for this zone`}) : null;
    const row = fieldRow(field, {extra: set ? h('label', {class: 'own'}, set, 'set here') : null});
    const inherited = state.zones[root]?.[field.name] ?? field.default;
    const isOwn = !inherits || Object.hasOwn(own, field.name);
    row.set(Object.hasOwn(own, field.name) ? own[field.name] : inherited);
    row.enable(isOwn);
    if (set) {
      set.checked = isOwn;
      set.addEventListener('change', () => {
        if (!set.checked) row.set(inherited);
        row.enable(set.checked);
        row.refuse('');
      });
    }
    return {...row, isSet: () => !set || set.checked};
  });

  // A merge patch (RFC 7396) of what was changed; null gives a field back to the root.
  function patch() {
    const changes = {};
    for (const row of rows) {
      const had = Object.hasOwn(own, row.name);
      if (!row.isSet()) {
        if (had) changes[row.name] = null;
      } else if (!had || !same(row.get(), own[row.name])) {
        changes[row.name] = row.get();
      }
    }
    return changes;
  }
  const element = h('form', {
    class: 'fields', novalidate: true, 'aria-label': `Policy of ${zone}`,
    onsubmit(event) {
      event.preventDefault();
      save(patch(), rows);
    },
  }, rows.map((row) => row.element),
  h('div', {class: 'actions sticky'}, h('button', {type: 'submit', class: 'primary'}, 'Save'),
    h('span', {class: 'faint'}, 'Every later query obeys it.')));
  return element;
}

function zoneList(state, zone, {remove, add}) {
  const id = freshId('zone');
  const input = h('input', {type: 'text', id, class: 'mono', required: true, autocomplete: 'off', autocapitalize: 'off',
    spellcheck: 'false', placeholder: 'cluster.local'});
  const names = Object.keys(state.zones).sort((one, other) => (one === root ? -1 : other === root ? 1 : one.localeCompare(other)));
  return h('section', {class: 'panel zones', 'aria-label': 'Zones'},
    h('h2', null, 'Zones'),
    h('ul', null, names.map((name) => h('li', null,
      h('a', {href: name === root ? '#policies' : `#policies/${encodeURIComponent(name)}`, class: 'mono',
        'aria-current': name === zone ? 'true' : null}, name),
      name === root ? h('span', {class: 'faint'}, 'everything else')
        : h('button', {type: 'button', class: 'small', 'aria-label': `Delete the zone ${name}`, onclick: () => remove(name)}, 'Delete')))),
    h('form', {
      class: 'add-zone',
      onsubmit(event) {
        event.preventDefault();
        add(input.value.trim());
      },
    }, h('label', {for: id}, 'Another zone'), h('div', {class: 'inline'}, input, h('button', {type: 'submit'}, 'Add'))));
}

function presetButtons(state, apply) {
  return h('section', {class: 'panel presets', 'aria-label': 'Presets'},
    h('h2', null, 'Presets'), h('p', {class: 'faint'}, 'Become the policy of default.'),
    h('div', {class: 'picks'}, state.presets.map(({name, policy}) => h('button', {
      type: 'button', class: 'pick', 'aria-pressed': String(same(policy, state.zones[root])), onclick: () => apply(name),
    }, name))));
}

export function policiesView(context, {rest}) {
  const revision = h('output', {class: 'revision', 'aria-label': 'Revision'});
  const notice = h('div', {class: 'notices'});
  const side = h('div', {class: 'side-place'});
  const body = h('div', {class: 'form-place'});
  let zone = rest || root;
  let state = null;

  function render() {
    revision.textContent = revisionOf(state.tag);
    if (!Object.hasOwn(state.zones, zone)) zone = root;
    replace(side, zoneList(state, zone, {remove, add}), presetButtons(state, apply));
    replace(body, h('section', {class: 'panel'}, h('h2', {class: 'mono'}, zone),
      h('p', {class: 'faint'}, zone === root ? 'Where no zone is nearer.' : 'For this name and all below it. What is not set here is as in default.'),
      zoneForm(state, zone, save)));
  }

  async function reload() {
    try {
      state = await read();
      replace(notice);
      render();
    } catch (error) {
      replace(notice, h('p', {class: 'notice bad', role: 'alert'}, error.message));
    }
  }

  // Somebody else wrote meanwhile: what is typed stays until its writer has decided.
  function explainConflict(error, tag) {
    replace(notice, h('div', {class: 'notice bad', role: 'alert'},
      h('p', null, h('b', null, 'The policies have changed meanwhile. '),
        `This form shows revision ${revisionOf(tag)}; ${error.message}. Nothing was saved.`),
      h('button', {type: 'button', onclick: reload}, 'Load what is in force')));
    notice.querySelector('button').focus();
  }

  async function write(action, done, rows = []) {
    replace(notice);
    const {tag} = state;
    try {
      await action(tag);
      await reload();
      replace(notice, h('p', {class: 'notice good'}, `${done} Revision ${revisionOf(state.tag)}.`));
      announce(`${done} Revision ${revisionOf(state.tag)}.`);
    } catch (error) {
      if (error.status === 412) explainConflict(error, tag);
      else showError(error, rows, notice);
    }
  }

  function save(changes, rows) {
    for (const row of rows) row.refuse('');
    if (Object.keys(changes).length === 0) {
      replace(notice, h('p', {class: 'notice'}, 'Nothing was changed.'));
      return;
    }
    write((match) => api.patch(pathOf(['v1', 'policies', zone]), changes, {match}), `${zone}: saved.`, rows);
  }
  const remove = (name) => write(
    (match) => api.remove(pathOf(['v1', 'policies', name]), {match}), `${name}: deleted.`);
  const apply = (name) => write(
    (match) => api.post(pathOf(['v1', 'presets', name, 'apply']), undefined, {match}), `${name}: applied.`);

  // If-Match would fail for a zone that is not there yet (RFC 9110 13.1.1); one that is there is only shown.
  function add(name) {
    const known = Object.keys(state.zones).find((one) => one === name.toLowerCase().replace(/\.$/, ''));
    if (known) {
      location.hash = known === root ? '#policies' : `#policies/${encodeURIComponent(known)}`;
      return;
    }
    write(async () => {
      const before = Object.keys(state.zones);
      await api.put(pathOf(['v1', 'policies', name]), {});
      const after = Object.keys((await api.get('/v1/policies')).value);
      zone = after.find((one) => !before.includes(one)) ?? root;
      history.replaceState(null, '', `#policies/${encodeURIComponent(zone)}`);
    }, `${name}: added.`);
  }

  reload();
  return {
    element: h('div', {class: 'view view-policies'},
      h('header', {class: 'view-head'}, h('h1', null, 'Policies'),
        h('p', {class: 'lede'}, 'What is done about truncation, by zone; the longest matching one wins.'),
        h('p', {class: 'revision-line'}, 'Revision ', revision)),
      notice, h('div', {class: 'split reverse'}, side, body)),
    update({rest: name}) {
      zone = name || root;
      replace(notice);
      if (state) render();
    },
  };
}
