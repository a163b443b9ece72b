// SPDX-License-Identifier: Apache-2.0
// What the scripted upstream answers: the list, and a form that puts an answer there.
import {api, pathOf} from './api.js';
import {announce, freshId, h, replace, writer} from './dom.js';
import {numberOrText} from './fields.js';
import {octets, plural, withoutDot} from './format.js';

const ways = [
  {value: 'addresses', label: 'addresses', hint: 'how many'},
  {value: 'octets', label: 'octets', hint: 'the size of the response'},
  {value: 'records', label: 'records', hint: 'the data of each, separated by new lines'},
];

function sizeOf(answer) {
  if (answer.addresses !== undefined) return plural(answer.addresses, 'address', 'addresses');
  if (answer.octets !== undefined) return octets(answer.octets);
  return answer.records.length === 1 ? answer.records[0] : plural(answer.records.length, 'record');
}

function answerRow(answer, remove) {
  const question = new URLSearchParams({name: withoutDot(answer.name), type: answer.type});
  return h('li', {'data-answer': `${answer.name} ${answer.type}`},
    h('div', {class: 'answer-what'},
      h('a', {class: 'mono', href: `#story?${question}`, title: 'Ask it'}, withoutDot(answer.name)), ' ', h('b', null, answer.type),
      h('p', {class: 'faint'}, `${sizeOf(answer)}${answer.ttl_s === undefined ? '' : `, TTL ${answer.ttl_s} s`}`)),
    h('button', {type: 'button', class: 'small', 'aria-label': `Delete the answer ${answer.name} ${answer.type}`,
      onclick: () => remove(answer)}, 'Delete'));
}

function answerForm(put) {
  const id = freshId('answer');
  const name = h('input', {id: `${id}-name`, type: 'text', class: 'mono', required: true, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false'});
  const type = h('input', {id: `${id}-type`, type: 'text', required: true, size: 6, value: 'A', autocomplete: 'off'});
  const way = h('select', {id: `${id}-way`, onchange: () => { hint.textContent = ways.find((one) => one.value === way.value).hint; }},
    ways.map((one) => h('option', {value: one.value}, one.label)));
  const value = h('textarea', {id: `${id}-value`, rows: 2, class: 'mono', required: true, spellcheck: 'false'});
  const hint = h('span', {class: 'hint'}, ways[0].hint);
  return h('form', {
    class: 'compact answer-form', 'aria-label': 'Put an answer',
    onsubmit(event) {
      event.preventDefault();
      const given = way.value === 'records'
        ? value.value.split('\n').map((line) => line.trim()).filter(Boolean) : numberOrText(value.value);
      put({name: name.value.trim(), type: type.value.trim().toUpperCase(), [way.value]: given});
    },
  },
  h('h3', null, 'Put another'),
  h('div', {class: 'ask-field grow'}, h('label', {for: name.id}, 'Name'), name),
  h('div', {class: 'ask-field'}, h('label', {for: type.id}, 'Type'), type),
  h('div', {class: 'ask-field'}, h('label', {for: way.id}, 'Made of'), way),
  h('div', {class: 'ask-field wide'}, h('label', {for: value.id}, 'Value: ', hint), value),
  h('div', {class: 'actions'}, h('button', {type: 'submit'}, 'Put')));
}

/** {element, refresh}. `onWritten` is called when one was put or deleted here. */
export function answersPart(onWritten) {
  const list = h('ul', {class: 'answers'});
  const notice = h('div');

  async function refresh() {
    const {answers} = (await api.get('/v1/answers')).value;
    replace(list, answers.length === 0
      ? h('li', {class: 'empty faint'}, 'None: every name is unknown.') : answers.map((answer) => answerRow(answer, remove)));
  }
  const write = writer(notice, async (said) => {
    await refresh();
    announce(said);
    onWritten();
  });
  const remove = (answer) => write(() => api.remove(pathOf(['v1', 'answers', answer.name, answer.type])), `${answer.name} ${answer.type} is gone`);
  const put = (answer) => write(
    () => api.put(pathOf(['v1', 'answers', answer.name || '.', answer.type]), answer), `${answer.name} ${answer.type} is there`);

  const element = h('section', {class: 'panel', 'aria-labelledby': 'answers-title'},
    h('div', {class: 'panel-head'}, h('h2', {id: 'answers-title'}, 'Answers')), notice, list, answerForm(put));
  return {element, refresh};
}
