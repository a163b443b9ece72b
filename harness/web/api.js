// SPDX-License-Identifier: Apache-2.0
// The admin API: requests, problems (RFC 9457) as errors, and the token if the API wants one.

const tokenKey = 'uncut-token';

let askForToken = null;  // a dialog, set by the page
let beingAsked = null;   // one dialog however many requests are refused at once

/** Sets who is asked for a token when the API wants one: an async function that is given whether one was wrong. */
export function onTokenWanted(ask) {
  askForToken = ask;
}

/** What the API refused, with the members of its problem document. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `the server answered ${status}`);
    this.name = 'Problem';
    this.status = status;
    this.type = String(body.type ?? '').replace('urn:uncut:problem:', '');
    this.title = body.title ?? '';
    this.pointer = body.pointer ?? null;
    this.parameter = body.parameter ?? null;
    this.expected = body.expected ?? null;
  }
}

/** The server could not be reached at all. */
export class Unreachable extends Error {
  constructor() {
    super('Uncut does not answer. Is it still running?');
    this.name = 'Unreachable';
  }
}

function storedToken() {
  return sessionStorage.getItem(tokenKey);
}

async function newToken() {
  beingAsked ??= askForToken(storedToken() !== null).finally(() => {
    beingAsked = null;
  });
  sessionStorage.setItem(tokenKey, await beingAsked);
}

async function once(path, options) {
  const headers = new Headers(options.headers);
  const token = storedToken();
  if (token !== null) headers.set('Authorization', `Bearer ${token}`);
  try {
    return await fetch(path, {...options, headers, credentials: 'omit'});
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Unreachable();
  }
}

async function problemOf(response) {
  try {
    return new Problem(response.status, await response.json());
  } catch {
    return new Problem(response.status, {title: response.statusText});
  }
}

/** fetch with the token; a response that is no success is thrown as a Problem. */
export async function request(path, options = {}) {
  let response = await once(path, options);
  while (response.status === 401 && askForToken) {
    await newToken();
    response = await once(path, options);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function exchange(method, path, {body, type = 'application/json', match, signal} = {}) {
  const headers = {};
  if (body !== undefined) headers['Content-Type'] = type;
  if (match) headers['If-Match'] = match;
  const response = await request(path, {
    method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body),
  });
  const value = response.status === 204 ? null : await response.json();
  return {value, tag: response.headers.get('ETag')};
}

/** Each gives {value, tag}: the JSON body and the ETag. `match` is what If-Match says. */
export const api = {
  get: (path, options) => exchange('GET', path, options),
  put: (path, body, options) => exchange('PUT', path, {...options, body}),
  post: (path, body, options) => exchange('POST', path, {...options, body}),
  patch: (path, body, options) => exchange('PATCH', path, {...options, body, type: 'application/merge-patch+json'}),
  remove: (path, options) => exchange('DELETE', path, options),
};

/** A path with its segments encoded, and a query of those parameters that have a value. */
export function pathOf(segments, parameters = {}) {
  const path = '/' + segments.map(encodeURIComponent).join('/');
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== '' && value !== null && value !== undefined) query.set(name, value);
  }
  return String(query) === '' ? path : `${path}?${query}`;
}

/** "1" of the tag "\"1\"". */
export function revisionOf(tag) {
  return (tag ?? '').replace(/^W\//, '').replaceAll('"', '');
}
