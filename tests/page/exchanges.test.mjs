// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {ask, askMany, chain, demo, query, test} from './support.mjs';

const labels = chain.split('.');
const rows = (page) => page.locator('.exchanges li');

test('exchanges: the list is live', async ({start, open}) => {
  const program = await start(demo);
  const {page} = await open(program, {view: 'exchanges'});
  await page.locator('.state[data-state=live]').waitFor();
  assert.equal(await rows(page).count(), 0);
  await ask(await program.address('uncut'), query(labels));
  await rows(page).first().waitFor();
  assert.match(await rows(page).first().innerText(), new RegExp(chain.replaceAll('.', '\\.')));
  assert.match(await rows(page).first().innerText(), /truncated/);
});

test('exchanges: what happened before is there, newest first', async ({start, open}) => {
  const program = await start(demo);
  await ask(await program.address('uncut'), query(labels));
  await ask(await program.address('before'), query(labels));
  const {page} = await open(program, {view: 'exchanges'});
  await rows(page).nth(1).waitFor();
  assert.deepEqual(await rows(page).evaluateAll((all) => all.map((row) => row.dataset.number)), ['2', '1']);
});

test('exchanges: filters', async ({start, open}) => {
  const program = await start(demo);
  const {page} = await open(program, {view: 'exchanges'});
  await ask(await program.address('uncut'), query(labels));
  await ask(await program.address('before'), query(labels));
  await ask(await program.address('uncut'), query(['one', 'default', 'svc', 'cluster', 'local']));
  await rows(page).nth(2).waitFor();
  const shows = (count) => page.waitForFunction((wanted) => document.querySelectorAll('.exchanges li').length === wanted, count);

  await page.getByLabel('Server').selectOption('before');
  await shows(1);
  await page.getByLabel('Server').selectOption('');
  await shows(3);
  await page.getByLabel('Verdict').selectOption('truncated');
  await shows(2);
  assert.deepEqual(await rows(page).locator('.badge').allTextContents(), ['truncated', 'truncated']);
  await page.getByLabel('Verdict').selectOption('whole');
  await shows(1);
  assert.match(await rows(page).first().innerText(), /one\.default/);
  await page.getByLabel('Verdict').selectOption('');
  await page.getByLabel('Name').fill(chain);
  await shows(2);
  await page.getByLabel('Transport').selectOption('tcp');
  await shows(0);

  // The stream is filtered too: of two more, one is of the name.
  await page.getByLabel('Transport').selectOption('udp');
  await shows(2);
  await page.locator('.state[data-state=live]').waitFor();
  await ask(await program.address('uncut'), query(['one', 'default', 'svc', 'cluster', 'local']));
  await ask(await program.address('uncut'), query(labels));
  await shows(3);
});

test('exchanges: one opens as a timeline with its messages, and its packets open', async ({start, open}) => {
  const program = await start(demo);
  await ask(await program.address('uncut'), query(labels));
  const {page} = await open(program, {view: 'exchanges'});
  await rows(page).first().getByRole('link').click();
  const detail = page.locator('.detail');
  await detail.locator('.timeline[role=img]').waitFor();
  assert.equal(await detail.locator('.timeline[role=img] .over-tcp .arrow').count(), 2);
  assert.match(await detail.innerText(), /Policy\s+revision 1/);
  const [asked, got] = [detail.locator('.side').first(), detail.locator('.side').nth(1)];
  assert.match(await asked.innerText(), /EDNS\s+none/);
  assert.match(await got.innerText(), /NOERROR/);

  const packets = detail.locator('.packets > li');
  assert.equal(await packets.count(), 6);
  await packets.nth(2).locator('summary').first().click();
  assert.match(await packets.nth(2).locator('.message').innerText(), /CNAME/);
  assert.equal(await packets.nth(2).locator('.message .tc').count(), 1);
  await packets.nth(4).locator('summary').first().click();
  assert.equal(await packets.nth(4).locator('.message .addresses li').count(), 22);
});

test('exchanges: a pause holds the list still', async ({start, open}) => {
  const program = await start(demo);
  const {page} = await open(program, {view: 'exchanges'});
  await page.locator('.state[data-state=live]').waitFor();
  await page.getByRole('button', {name: 'Pause'}).click();
  await ask(await program.address('uncut'), query(labels));
  await page.getByText('1 waiting').waitFor();
  assert.equal(await rows(page).count(), 0);
  await page.getByRole('button', {name: 'Pause'}).click();
  await rows(page).first().waitFor();
});

test('exchanges: the list keeps a bounded number of rows', async ({start, open}) => {
  const program = await start(demo);
  const {page} = await open(program, {view: 'exchanges'});
  await page.locator('.state[data-state=live]').waitFor();
  await askMany(await program.address('uncut'), 230, ['one', 'default', 'svc', 'cluster', 'local']);
  await page.locator('.exchanges li[data-number="230"]').waitFor();
  assert.equal(await rows(page).count(), 200);
});

test('exchanges: the stream comes back when it was lost', async ({start, open}) => {
  const program = await start(demo);
  const {page} = await open(program, {view: 'counters'});
  let tries = 0;
  await page.route('**/v1/exchanges/stream*', (route) => {
    tries += 1;
    if (tries > 2) return route.continue();
    return route.fulfill({status: 200, contentType: 'text/event-stream', body: ': ends at once\n\n'});
  });
  await page.evaluate(() => { location.hash = '#exchanges'; });
  await page.locator('.state[data-state=waiting]').waitFor();
  await ask(await program.address('uncut'), query(labels));
  await rows(page).first().waitFor();
  assert.equal(await rows(page).count(), 1);
  assert.ok(tries > 2);
});

test('exchanges: clearing empties the journal', async ({start, open}) => {
  const program = await start(demo);
  await ask(await program.address('uncut'), query(labels));
  const {page} = await open(program, {view: 'exchanges'});
  await rows(page).first().waitFor();
  await page.getByRole('button', {name: 'Clear'}).click();
  await page.getByText('Nothing yet.').waitFor();
  assert.deepEqual((await program.api('GET', '/v1/exchanges')).body.exchanges, []);
});
