// SPDX-License-Identifier: Apache-2.0
// Asks a server a question through the API, and finds the exchanges that this was in the journal.
import {api, pathOf} from './api.js';
import {octets, plural, withoutDot, words} from './format.js';

const journalTries_max = 20;  // an exchange is written down when it ends, a moment after its answer left
const journalPause_ms = 50;
const exchanges_max = 50;     // more than one ask can be, with room for what others ask meanwhile

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** {recording, last}: whether exchanges are written down, and the newest one's number. */
async function journalNow() {
  try {
    return {recording: true, last: (await api.get('/v1/exchanges?limit=1')).value.last};
  } catch (error) {
    if (error.status === 409 || error.status === 404) return {recording: false, last: 0};
    throw error;
  }
}

const fold = (name) => withoutDot(name ?? '').toLowerCase();

// Those among the exchanges that are the answers' own: of the question and transport, with the response's ID.
function matching(exchanges, question, answers) {
  const left = exchanges.filter((one) => fold(one.name) === fold(question.name));
  const found = [];
  for (const answer of answers) {
    const index = left.findIndex((one) => one.transport === answer.transport
      && (answer.message === null || one.query === null || one.query === undefined || one.query.id === answer.message.id));
    if (index >= 0) found.push(...left.splice(index, 1));
  }
  return found;
}

async function exchangesOf(question, server, last, answers) {
  let found = [];
  for (let attempt = 0; attempt < journalTries_max; ++attempt) {
    const path = pathOf(['v1', 'exchanges'], {server, after: last, limit: exchanges_max});
    found = matching((await api.get(path)).value.exchanges, question, answers);
    if (found.length >= answers.length) break;
    await pause(journalPause_ms);
  }
  return Promise.all(found.map(async (one) => (await api.get(pathOf(['v1', 'exchanges', String(one.number)]))).value));
}

/** Asks one server. {answers, exchanges, recording}. */
export async function ask(question, server) {
  const journal = await journalNow();
  const {value} = await api.post('/v1/ask', {...question, server});
  const exchanges = journal.recording ? await exchangesOf(question, server, journal.last, value.answers) : [];
  return {answers: value.answers, exchanges, recording: journal.recording};
}

/** Without a journal: what the client itself saw, as an exchange of two packets. */
export function seenByClient(question, server, answer) {
  const of = (kind, at_us, more) => ({at_us, kind, transport: answer.transport, upstream: null, octets: null, tc: null,
    verdict: null, cause: null, shared: false, ...more});
  const arrived = answer.message
    ? of('deliver', answer.time_us, {octets: answer.message.octets, tc: answer.message.flags.includes('tc')})
    : of('drop', answer.time_us ?? 0, {});
  return {number: null, server, client: '', transport: answer.transport, name: question.name, type: question.type,
    query: null, response: answer.message, events: [of('query', 0, {}), arrived], events_omitted: 0};
}

const addressTypes = ['A', 'AAAA'];

/** What an answer is for its client, in one sentence: {good, text}. */
export function verdictOf(answer, type) {
  const message = answer.message;
  if (!message) return {good: false, text: `No answer: ${words(answer.outcome)}.`};
  const size = `${octets(message.octets)} over ${answer.transport.toUpperCase()}`;
  if (message.error) return {good: false, text: `An answer that cannot be read to its end: ${size}.`};
  if (message.rcode !== 'NOERROR') return {good: false, text: `${message.rcode}, in ${size}.`};
  const wanted = message.answer.filter((record) => record.type === type).length;
  const things = addressTypes.includes(type)
    ? plural(wanted, 'address', 'addresses') : plural(wanted, `${type} record`);
  const truncated = message.flags.includes('tc');
  if (truncated && wanted > 0) return {good: false, text: `Only ${things} in ${size}, and TC: the rest was cut off.`};
  if (truncated && message.answer.length > 0) {
    return {good: false, text: `A name and no ${addressTypes.includes(type) ? 'address' : type}: TC was passed on.`};
  }
  if (truncated) return {good: false, text: `TC and no record: ask again over TCP. ${size}.`};
  if (wanted > 0) return {good: true, text: `${things} in ${size}.`};
  if (message.answer.some((record) => record.type === 'CNAME')) {
    return {good: false, text: `A name that leads nowhere, and no TC that says so: ${size}.`};
  }
  return {good: false, text: `The name exists, and has no ${type}: ${size}.`};
}
