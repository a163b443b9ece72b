// SPDX-License-Identifier: Apache-2.0
// A program under test, a browser, and a page whose manners are watched: what every test of the page begins with.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import dgram from 'node:dgram';
import {once} from 'node:events';
import {createRequire} from 'node:module';
import process from 'node:process';
import nodeTest from 'node:test';

const require = createRequire(`${process.env.UNCUT_PAGE_MODULES}/package.json`);
const {chromium} = require('playwright-core');

const start_ms = 20_000;  // for a program or a browser on a machine that is busy with a build
const test_ms = 90_000;
const any = '127.0.0.1:0';

export const chain = 'quote-redis-cluster.default.svc.cluster.local';
export const views = ['story', 'exchanges', 'policies', 'faults', 'counters'];

/** test(name, body): body is given {browser, start, open}, and all that it started is ended behind it. */
export function test(name, body) {
  nodeTest(name, {timeout: test_ms}, async () => {
    const ends = [];
    try {
      await body({
        async start(...args) {
          const program = await startProgram(...args);
          ends.push(() => program.end());
          return program;
        },
        async open(program, options) {
          const opened = await openPage(program, options);
          ends.push(() => opened.close());
          return opened;
        },
      });
    } finally {
      await endAll(ends.reverse());
    }
  });
}

// All of them are ended, whatever one of them says; then the first complaint counts.
async function endAll(ends) {
  const complaints = [];
  for (const end of ends) await end().catch((error) => complaints.push(error));
  if (complaints.length > 0) throw complaints[0];
}

/** Starts `uncut demo` on ports of the system's choice. */
export const demo = ['demo', '--dns', any, '--before', any, '--upstream', any, '--admin', any];

/** The same for `uncut serve`, in front of `upstream`. */
export function serve(upstream, ...options) {
  return ['serve', '--upstream', upstream, '--dns', any, '--admin', any, ...options];
}

async function startProgram(args) {
  const child = spawn(process.env.UNCUT_BIN, args, {stdio: ['ignore', 'pipe', 'pipe']});
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);  // a run that is broken off leaves nothing behind
  let said = '';
  const admin = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`uncut ${args[0]} does not say where it listens: ${said}`)), start_ms);
    const read = (data) => {
      said += data;
      const match = /^admin\s+(http:\/\/\S+)/m.exec(said);
      if (!match) return;
      clearTimeout(late);
      resolve(match[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', (data) => { said += data; });
    child.once('exit', (code) => reject(new Error(`uncut ${args[0]} ended with ${code}: ${said}`)));
  });
  return {
    admin,
    /** The API beside the page: {status, body, tag}. */
    async api(method, path, body, headers = {}) {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      const response = await fetch(admin + path, {
        method, headers: body === undefined ? headers : {'Content-Type': type, ...headers},
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await response.text();
      return {status: response.status, body: text === '' ? null : JSON.parse(text), tag: response.headers.get('ETag')};
    },
    async address(name) {
      const {body} = await this.api('GET', '/v1/listeners');
      return body.listeners.find((listener) => listener.name === name).address;
    },
    async end() {
      process.off('exit', killed);
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

let browser = null;
async function theBrowser() {
  browser ??= await chromium.launch({
    executablePath: process.env.UNCUT_CHROMIUM, timeout: start_ms,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
  return browser;
}
nodeTest.after(async () => browser?.close());

/**
 * A page of `program` at `view`. `refusals` are the HTTP statuses that the test provokes: Chromium logs each of them as
 * an error. `dialog`: the page asks for a token before it shows the view. Closing it checks its manners: no other error, no request beyond its origin.
 */
async function openPage(program, {view = 'story', width = 1280, height = 900, scheme = 'light', refusals = [], dialog = false} = {}) {
  const context = await (await theBrowser()).newContext({
    viewport: {width, height}, colorScheme: scheme, reducedMotion: 'reduce'});
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults = [];
  const provoked = (text) => refusals.some((status) => text.startsWith(`Failed to load resource: the server responded with a status of ${status} `));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !provoked(message.text())) faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== program.admin) faults.push(`request to ${request.url()}`);
  });
  await page.goto(`${program.admin}/#${view}`);
  await page.locator(dialog ? 'dialog[open]' : `.view-${view.split(/[/?]/)[0]}`).waitFor();
  return {
    page,
    async close() {
      await context.close();
      assert.deepEqual(faults, []);
    },
  };
}

/** Goes to another view of a page that is open. */
export async function go(page, view) {
  await page.evaluate((hash) => { location.hash = hash; }, `#${view}`);
  await page.locator(`.view-${view.split(/[/?]/)[0]}`).waitFor();
}

/** A query's octets: labels as they are, so that a name can hold anything. */
export function query(labels, type = 1, id = 4660) {
  const name = Buffer.concat([...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])), Buffer.from([0])]);
  const head = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, name, Buffer.from([type >> 8, type & 255, 0, 1])]);
}

/** Asks over UDP and gives the response's octets. */
export async function ask(address, octets) {
  const [host, port] = address.split(':');
  const socket = dgram.createSocket('udp4');
  try {
    socket.send(octets, Number(port), host);
    const [response] = await once(socket, 'message', {signal: AbortSignal.timeout(start_ms)});
    return response;
  } finally {
    socket.close();
  }
}

/** Asks the questions, a few at a time. */
export async function askMany(address, count, labels) {
  for (let sent = 0; sent < count; sent += 10) {
    await Promise.all(Array.from({length: Math.min(10, count - sent)}, (_, index) => ask(address, query(labels, 1, sent + index + 1))));
  }
}
