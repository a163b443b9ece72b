// SPDX-License-Identifier: Apache-2.0
// A drawing for the width that there is: drawn when that is known, and again when it or what is drawn changes.
import {h} from './dom.js';

/** draw(width, first) gives the drawing; {element, redraw}. */
export function sized(draw, className) {
  const element = h('div', {class: className});
  let width = 0;
  const redraw = () => {
    if (width > 0) element.replaceChildren(draw(width, false));
  };
  new ResizeObserver(([entry]) => {
    const now = Math.floor(entry.contentRect.width);
    if (now === width || now === 0) return;
    const first = width === 0;
    width = now;
    element.replaceChildren(draw(width, first));
  }).observe(element);
  return {element, redraw};
}
