// SPDX-License-Identifier: Apache-2.0
// Making elements. Text goes in as text nodes and nothing else: names in DNS messages are whatever an attacker likes.

const svgNamespace = 'http://www.w3.org/2000/svg';

// Properties that are no attributes, and listeners ("onclick"); all else is set as an attribute. null and false: left out.
function adorn(element, attributes) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value' || name === 'checked' || name === 'disabled') element[name] = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  return element;
}

function fill(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** An HTML element: h('p', {class: 'x', onclick: f}, 'text', otherElement). */
export function h(tag, attributes, ...children) {
  return fill(adorn(document.createElement(tag), attributes), children);
}

/** The same for SVG. */
export function s(tag, attributes, ...children) {
  return fill(adorn(document.createElementNS(svgNamespace, tag), attributes), children);
}

/** Puts these children in the place of those that are there. */
export function replace(element, ...children) {
  element.replaceChildren();
  return fill(element, children);
}

let ids = 0;
/** An id that no other element has. */
export function freshId(prefix) {
  ids += 1;
  return `${prefix}-${ids}`;
}

/** Tells those who listen rather than look. */
export function announce(text) {
  const announcer = document.getElementById('announcer');
  if (announcer) announcer.textContent = text;
}

// A function that does something through the API, and then what follows from it; a refusal of either is told in `notice`.
export function writer(notice, then) {
  return async (action, said) => {
    try {
      await action();
      replace(notice);
      await then(said);
    } catch (error) {
      replace(notice, h('p', {class: 'notice bad', role: 'alert'}, error.message));
    }
  };
}
