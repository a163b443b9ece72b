// SPDX-License-Identifier: Apache-2.0
// Controls of forms, made from what the API says about a field, and the API's errors shown at the control they are about.
// The API alone judges values: what cannot be a number is sent as it was typed, so that it says what it expected.
import {freshId, h, replace} from './dom.js';
import {count, words} from './format.js';

/** "512 to 4,096 octets" of {minimum, maximum, unit}. */
export function rangeOf(field) {
  const unit = field.unit ? ` ${field.unit}` : '';
  if (field.minimum === undefined || field.maximum === undefined) return unit.trim();
  return `${count(field.minimum)} to ${count(field.maximum)}${unit}`;
}

/** The number that a text is, or the text. */
export function numberOrText(text) {
  const trimmed = text.trim();
  return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : trimmed;
}

const makers = {
  boolean(field, id) {
    const input = h('input', {type: 'checkbox', id, class: 'switch', role: 'switch'});
    return {element: input, inputs: [input], get: () => input.checked, set: (value) => { input.checked = value === true; }};
  },
  integer(field, id) {
    const input = h('input', {type: 'text', inputmode: 'numeric', id, size: 8, autocomplete: 'off'});
    const element = h('span', {class: 'with-unit'}, input, field.unit ? h('span', {class: 'unit'}, field.unit) : null);
    return {element, inputs: [input], get: () => numberOrText(input.value), set: (value) => { input.value = value ?? ''; }};
  },
  choice(field, id) {
    const input = h('select', {id}, field.words.map((word) => h('option', {value: word}, word)));
    return {element: input, inputs: [input], get: () => input.value, set: (value) => { input.value = value; }};
  },
  set(field, id) {
    const boxes = field.words.map((word) => h('input', {type: 'checkbox', value: word}));
    const element = h('span', {class: 'set', role: 'group', id, tabindex: '-1'}, boxes.map((box) =>
      h('label', null, box, words(box.value))));
    return {
      element, inputs: boxes,
      get: () => boxes.filter((box) => box.checked).map((box) => box.value),
      set: (value) => boxes.forEach((box) => { box.checked = (value ?? []).includes(box.value); }),
    };
  },
};

/**
 * A row of a form: {name, element, get, set, enable, refuse, focus}. `extra` goes behind the control. `label` defaults
 * to the field's name.
 */
export function fieldRow(field, {extra = null, label = field.name} = {}) {
  const id = freshId(`field-${field.name}`);
  const control = (makers[field.kind] ?? makers.integer)(field, id);
  const error = h('p', {class: 'wrong', id: `${id}-error`, role: 'alert'});
  const range = field.kind === 'integer' || field.kind === undefined ? rangeOf(field) : '';
  for (const input of control.inputs) input.setAttribute('aria-describedby', `${id}-meaning ${id}-error`);
  if (field.kind === 'set') control.element.setAttribute('aria-labelledby', `${id}-label`);
  const named = field.kind === 'set'
    ? h('span', {class: 'field-name', id: `${id}-label`}, label) : h('label', {class: 'field-name', for: id}, label);
  const element = h('div', {class: 'field', 'data-field': field.name},
    h('div', {class: 'field-head'}, named,
      h('p', {class: 'field-meaning', id: `${id}-meaning`}, field.meaning, range ? h('span', {class: 'range'}, ` ${range}`) : null)),
    h('div', {class: 'field-control'}, control.element, extra), error);
  return {
    name: field.name, element, get: control.get, set: control.set,
    enable(on) {
      for (const input of control.inputs) input.disabled = !on;
      element.classList.toggle('inherited', !on);
    },
    refuse(text) {
      error.textContent = text;
      for (const input of control.inputs) {
        if (text) input.setAttribute('aria-invalid', 'true');
        else input.removeAttribute('aria-invalid');
      }
      element.classList.toggle('refused', text !== '');
    },
    focus: () => control.inputs[0].focus(),
  };
}

/** The first reference token of a JSON pointer (RFC 6901), unescaped; "" for the whole document. */
export function firstToken(pointer) {
  return (pointer ?? '').split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~') ?? '';
}

/** Shows an error at the row that its pointer names and focuses it; elsewhere in `notice`. */
export function showError(error, rows, notice) {
  for (const row of rows) row.refuse('');
  const row = rows.find((candidate) => candidate.name === firstToken(error.pointer));
  if (row) {
    row.refuse(error.message);
    row.focus();
    replace(notice);
    return;
  }
  replace(notice, h('p', {class: 'notice bad', role: 'alert'}, error.message));
}
