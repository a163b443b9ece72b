// SPDX-License-Identifier: Apache-2.0
// Asks for the token of the admin API. It is kept for this tab alone, in sessionStorage.
import {freshId, h} from './dom.js';

/** A promise of what was typed; it is asked until something is. `again`: the one before was refused. */
export function askForToken(again) {
  const id = freshId('token');
  return new Promise((resolve) => {
    const input = h('input', {id, type: 'password', autocomplete: 'off', required: true, spellcheck: 'false'});
    const dialog = h('dialog', {class: 'token', 'aria-labelledby': `${id}-title`},
      h('form', {
        onsubmit(event) {
          event.preventDefault();
          dialog.close();
          dialog.remove();
          resolve(input.value.trim());
        },
      },
      h('h2', {id: `${id}-title`}, 'A token is needed'),
      h('p', null, 'This API was started with --admin-token-file. Its first line is the token.'),
      again ? h('p', {class: 'wrong', role: 'alert'}, 'That token was refused.') : null,
      h('label', {for: id}, 'Token'), input,
      h('div', {class: 'actions'}, h('button', {type: 'submit', class: 'primary'}, 'Use it'))));
    dialog.addEventListener('cancel', (event) => event.preventDefault());  // nothing works without
    document.body.append(dialog);
    dialog.showModal();
  });
}
