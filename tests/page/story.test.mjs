// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {chain, demo, test} from './support.mjs';

const sentences = (page, server) => page.locator(`.telling-${server} .sentence`);

async function askFor(page, label) {
  await page.getByRole('button', {name: label, exact: true}).click();
  await page.locator('.telling-uncut .timeline').first().waitFor();
}

test('the story: a name and no address before, 22 addresses with Uncut', async ({start, open}) => {
  const {page} = await open(await start(demo));
  assert.equal(await page.getByLabel('Name').inputValue(), chain);
  await askFor(page, 'Ask');

  assert.deepEqual(await sentences(page, 'before').allTextContents(), ['A name and no address: TC was passed on.']);
  assert.deepEqual(await sentences(page, 'uncut').allTextContents(), ['22 addresses in 530 octets over UDP.']);

  // Before: four packets over UDP, and the upstream's TC reaches the client.
  const before = page.locator('.telling-before .timeline');
  assert.equal(await before.locator('.arrow').count(), 4);
  assert.equal(await before.locator('.over-tcp').count(), 0);
  assert.deepEqual(await before.locator('.with-tc .label text').allTextContents(), ['UDP 178 octets', 'TC', 'UDP 178 octets', 'TC']);

  // Uncut: TC comes as far as Uncut; the same question goes over TCP.
  const uncut = page.locator('.telling-uncut .timeline');
  assert.equal(await uncut.locator('.arrow').count(), 6);
  assert.equal(await uncut.locator('.over-tcp .arrow').count(), 2);
  assert.equal(await uncut.locator('.with-tc .tc-mark').count(), 1);
  assert.match(await uncut.getAttribute('aria-label'), /upstream to Uncut over UDP, 178 octets, TC set: truncated; Uncut to upstream over TCP/);
  assert.match(await uncut.getAttribute('aria-label'), /Uncut to client over UDP, 530 octets\.$/);
});

test('the story: TC and TCP differ from UDP in more than colour', async ({start, open}) => {
  const {page} = await open(await start(demo));
  await askFor(page, 'Ask');
  const style = (selector, property) => page.locator(`.telling-uncut ${selector}`).first().evaluate(
    (element, name) => getComputedStyle(element)[name], property);
  const strokes = await Promise.all(['.over-udp:not(.with-tc) .arrow', '.over-tcp .arrow', '.with-tc .arrow'].map((one) => style(one, 'stroke')));
  assert.equal(new Set(strokes).size, 3);
  assert.equal(await style('.over-udp .arrow', 'strokeDasharray'), 'none');
  assert.notEqual(await style('.over-tcp .arrow', 'strokeDasharray'), 'none');
  assert.equal(await page.locator('.telling-uncut .with-tc .tc-text').textContent(), 'TC');
});

test('the story: 200 addresses are truncated honestly, and the retry gets them', async ({start, open}) => {
  const {page} = await open(await start(demo));
  await askFor(page, '200 addresses, and a client that asks again');
  const told = await sentences(page, 'uncut').allTextContents();
  assert.equal(told.length, 2);
  assert.match(told[0], /TC/);
  assert.equal(told[1], '200 addresses in 3,296 octets over TCP.');
  assert.equal(await page.locator('.telling-uncut .timeline').count(), 2);
});

test('the story: the form asks what it says', async ({start, open}) => {
  const program = await start(demo);
  const {page} = await open(program);
  await page.getByLabel('Name').fill('text.default.svc.cluster.local');
  await page.getByLabel('Type').fill('txt');
  await page.getByLabel('Asked over').selectOption('tcp');
  await page.getByLabel('EDNS size').fill('none');
  await askFor(page, 'Ask');
  assert.match((await sentences(page, 'uncut').allTextContents()).join(), /^1 TXT record in \d+ octets over TCP\.$/);

  const {body} = await program.api('GET', '/v1/exchanges?server=uncut');
  const exchange = body.exchanges.at(-1);
  assert.equal(exchange.type, 'TXT');
  assert.equal(exchange.transport, 'tcp');
  assert.equal(exchange.query.edns, null);
});

test('the story: what the API refuses is said', async ({start, open}) => {
  const {page} = await open(await start(demo), {refusals: [422]});
  await page.getByLabel('EDNS size').fill('many');
  await page.getByRole('button', {name: 'Ask', exact: true}).click();
  await page.locator('.telling-uncut .notice.bad').waitFor();
  assert.match(await page.locator('.telling-uncut .notice.bad').textContent(), /bufsize/);
});

test('the story: a policy changes how it ends', async ({start, open}) => {
  const program = await start(demo);
  const {page} = await open(program);
  await program.api('PATCH', '/v1/policies/default', {retry_truncated: false});
  await askFor(page, 'Ask');
  assert.deepEqual(await sentences(page, 'uncut').allTextContents(), ['A name and no address: TC was passed on.']);
});

test('the story: packets and messages are there to be read', async ({start, open}) => {
  const {page} = await open(await start(demo));
  await askFor(page, 'Ask');
  const uncut = page.locator('.telling-uncut');
  await uncut.getByText('Packets and messages').click();
  assert.equal(await uncut.locator('.packets > li').count(), 6);
  const got = uncut.locator('.side').nth(1);
  assert.equal(await got.locator('.addresses li').count(), 22);
  assert.match(await got.locator('.addresses').innerText(), /^192\.0\.2\.11$/m);
});
