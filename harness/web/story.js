// SPDX-License-Identifier: Apache-2.0
// The story: one question asked of both servers, before and after, each answer's journey as a timeline.
import {api} from './api.js';
import {ask, seenByClient, verdictOf} from './ask.js';
import {announce, freshId, h, replace} from './dom.js';
import {withoutDot} from './format.js';
import {serverLabel} from './journey.js';
import {bothMessages, packets} from './packets.js';
import {legend, timeline} from './timeline.js';

const chain = 'quote-redis-cluster.default.svc.cluster.local';
const demoQuestions = [
  {label: '22 addresses behind two CNAMEs', name: chain, type: 'A', transport: 'udp', bufsize: 1232, retry: false},
  {label: '200 addresses, and a client that asks again', type: 'A', transport: 'udp', bufsize: 1232, retry: true,
    name: 'endpoints.quote-redis-cluster-headless.production.svc.cluster.local'},
  {label: 'a client without EDNS', name: chain, type: 'A', transport: 'udp', bufsize: null, retry: true},
];
const types = ['A', 'AAAA', 'CNAME', 'TXT', 'MX', 'NS', 'SOA', 'SRV', 'PTR', 'HTTPS', 'CAA', 'DS', 'DNSKEY'];
const bufsizes = ['1232', '4096', '512', 'none'];
const captions = {
  before: 'A plain forwarder: what the upstream says is passed on.',
  uncut: 'The same forwarder, with Uncut loaded.',
};

function labelled(text, control, more = '') {
  const id = freshId('ask');
  control.id = id;
  return h('div', {class: `ask-field ${more}`}, h('label', {for: id}, text), control);
}

function questionForm(onAsk) {
  const names = freshId('names');
  const name = h('input', {type: 'text', required: true, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false',
    list: names, class: 'mono', name: 'name'});
  const type = h('input', {type: 'text', required: true, list: `${names}-types`, size: 8, autocomplete: 'off', name: 'type'});
  const transport = h('select', {name: 'transport'}, h('option', {value: 'udp'}, 'UDP'), h('option', {value: 'tcp'}, 'TCP'));
  const bufsize = h('input', {type: 'text', list: `${names}-sizes`, size: 6, autocomplete: 'off', name: 'bufsize'});
  const retry = h('input', {type: 'checkbox', name: 'retry'});
  const button = h('button', {type: 'submit', class: 'primary'}, 'Ask');
  const options = h('datalist', {id: names});
  const form = h('form', {
    class: 'ask panel', 'aria-label': 'Ask a question',
    onsubmit(event) {
      event.preventDefault();
      onAsk(get());
    },
  },
  labelled('Name', name, 'grow'), labelled('Type', type), labelled('Asked over', transport),
  labelled('EDNS size', bufsize),
  h('label', {class: 'check'}, retry, h('span', null, 'ask again over TCP when TC is set')),
  button, options,
  h('datalist', {id: `${names}-types`}, types.map((word) => h('option', {value: word}))),
  h('datalist', {id: `${names}-sizes`}, bufsizes.map((size) => h('option', {value: size}))));

  function get() {
    const size = bufsize.value.trim().toLowerCase();
    return {
      name: name.value.trim(), type: type.value.trim().toUpperCase(), transport: transport.value,
      bufsize: size === 'none' || size === '' ? null : /^\d+$/.test(size) ? Number(size) : size, retry: retry.checked,
    };
  }
  function set(question) {
    name.value = withoutDot(question.name ?? name.value);
    type.value = question.type ?? 'A';
    transport.value = question.transport ?? 'udp';
    bufsize.value = question.bufsize === null ? 'none' : String(question.bufsize ?? 1232);
    retry.checked = question.retry === true;
  }
  return {
    element: form, get, set,
    offer: (known) => replace(options, known.map((value) => h('option', {value}))),
    busy(on) {
      button.disabled = on;
      button.textContent = on ? 'Asking…' : 'Ask';
    },
  };
}

function invitation(server) {
  return h('section', {class: `panel telling telling-${server}`},
    h('header', null, h('h3', null, serverLabel(server)), h('p', {class: 'faint'}, captions[server] ?? '')),
    h('p', {class: 'sentence faint'}, 'Nothing was asked yet.'));
}

function exchangeBlock(exchange, number, many) {
  return h('div', {class: 'journey'},
    many ? h('h4', null, number === 0 ? 'First' : `Then, over ${exchange.transport.toUpperCase()}`) : null,
    timeline(exchange, {animated: true}),
    h('details', {class: 'inside'}, h('summary', null, 'Packets and messages'), packets(exchange), bothMessages(exchange)),
    exchange.number === null ? null
      : h('p', {class: 'more'}, h('a', {href: `#exchanges/${exchange.number}`}, `Exchange ${exchange.number}`)));
}

function sentences(answers, type) {
  return answers.map((answer, index) => {
    const {good, text} = verdictOf(answer, type);
    // A truncated answer that the next one makes good is a step on the way, no result.
    const tone = index < answers.length - 1 ? 'step' : good ? 'good' : 'bad';
    return h('p', {class: `sentence ${tone}`}, text);
  });
}

/** One server's part of the story. `told` is what ask() gave, or {error}. */
function telling(server, question, told) {
  const head = h('header', null, h('h3', null, serverLabel(server)), h('p', {class: 'faint'}, captions[server] ?? ''));
  if (told.error) {
    return h('section', {class: `panel telling telling-${server}`, 'aria-label': serverLabel(server)}, head,
      h('p', {class: 'notice bad'}, told.error.message));
  }
  const exchanges = told.exchanges.length > 0
    ? told.exchanges : told.answers.map((answer) => seenByClient(question, server, answer));
  return h('section', {class: `panel telling telling-${server}`, 'aria-label': serverLabel(server)}, head,
    h('div', {class: 'result'}, sentences(told.answers, question.type)),
    told.recording ? null : h('p', {class: 'notice'},
      'Only what the client saw: the journal is off here. Start with --journal N to see the way to the upstream.'),
    exchanges.map((exchange, index) => exchangeBlock(exchange, index, exchanges.length > 1)));
}

// The questions of the scenario that is in force, where there is one.
async function scenarioQuestions() {
  try {
    const {value} = await api.get('/v1/scenario');
    const asks = (value.story ?? []).map((step) => step.ask).filter((one) => one?.name && (one.server ?? 'uncut') !== 'upstream');
    const seen = new Set();
    return asks.map((one) => ({...one, label: `${value.title || value.name}: ${withoutDot(one.name)} ${one.type ?? 'A'}`}))
      .filter((one) => !seen.has(one.label) && seen.add(one.label));
  } catch {
    return [];
  }
}

async function knownNames() {
  try {
    return [...new Set((await api.get('/v1/answers')).value.answers.map((answer) => answer.name))];
  } catch {
    return [];
  }
}

export function storyView(context, {query}) {
  const servers = context.has('before') ? ['before', 'uncut'] : ['uncut'];
  const demo = servers.length === 2;
  const picks = h('div', {class: 'picks', role: 'group', 'aria-label': 'Questions to try'});
  const stage = h('div', {class: 'tellings', 'data-servers': servers.length}, servers.map(invitation));
  let asked = 0;

  const form = questionForm(async (question) => {
    asked += 1;
    const mine = asked;
    form.busy(true);
    const told = await Promise.all(servers.map((server) => ask(question, server).catch((error) => ({error}))));
    if (mine !== asked) return;
    form.busy(false);
    replace(stage, servers.map((server, index) => telling(server, question, told[index])));
    announce(servers.map((server, index) => `${serverLabel(server)}: ${
      told[index].error?.message ?? told[index].answers.map((answer) => verdictOf(answer, question.type).text).join(' ')}`).join(' '));
  });

  function offer(questions) {
    replace(picks, questions.map((question) => h('button', {
      type: 'button', class: 'pick',
      onclick() {
        form.set(question);
        form.element.requestSubmit();
      },
    }, question.label)));
  }

  form.set(query.get('name') ? Object.fromEntries(query) : demo ? demoQuestions[0] : {type: 'A'});
  if (demo) {
    offer(demoQuestions);
    knownNames().then(form.offer);
    scenarioQuestions().then((questions) => {
      if (questions.length === 0) return;
      offer(questions);
      if (!query.get('name') && asked === 0 && form.get().name === chain) form.set(questions[0]);
    });
  }
  return {
    element: h('div', {class: 'view view-story'},
      h('header', {class: 'view-head'},
        h('h1', null, demo ? 'One question, before and after' : 'One question, and its way'),
        h('p', {class: 'lede'}, demo
          ? 'The same question goes to a plain forwarder and to one with Uncut. Both stand before the same upstream, which truncates.'
          : 'Ask something, and see how its answer came about.')),
      form.element, picks, legend(), stage),
    leave() { asked += 1; },
  };
}
