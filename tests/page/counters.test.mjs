// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {askMany, chain, demo, go, test} from './support.mjs';

const labels = chain.split('.');
const plot = (page, title) => page.locator('.plot-figure', {has: page.getByRole('heading', {name: title})}).locator('svg.plot');
const total = (page, label) => page.locator('.totals div', {has: page.getByText(label, {exact: true})}).locator('dd').textContent();
const told = async (page, title, wanted) => {
  await page.waitForFunction(([name, pattern]) => [...document.querySelectorAll('.plot-figure')]
    .filter((figure) => figure.querySelector('h2').textContent === name)
    .some((figure) => new RegExp(pattern).test(figure.querySelector('svg')?.getAttribute('aria-label') ?? '')), [title, wanted]);
  return plot(page, title).getAttribute('aria-label');
};

test('counters: plots move with what is asked', async ({start, open}) => {
  const program = await start(demo);
  const {page} = await open(program, {view: 'counters'});
  await told(page, 'Retries over TCP', 'no data yet');
  await told(page, 'Response sizes', 'no data yet');

  await askMany(await program.address('uncut'), 20, labels);
  await told(page, 'Retries over TCP', '^ok 20$');
  assert.match(await told(page, 'Response sizes', 'over UDP'), /20 over UDP/);
  await told(page, 'Truncation', 'truncated answers \\d');
  await told(page, 'Latency', 'half are faster [0-9.]+ ms');
  assert.equal(await total(page, 'questions'), '20');
  assert.equal(await total(page, 'truncated answers'), '20');
  assert.deepEqual(await plot(page, 'Response sizes').locator('.limit-text').allTextContents(),
    ['512: without EDNS', '1,232: client_bufsize']);
});

test('counters: each server has its own', async ({start, open}) => {
  const program = await start(demo);
  const {page} = await open(program, {view: 'counters'});
  await askMany(await program.address('before'), 5, labels);
  await page.getByLabel('Before').check({force: true});
  await page.waitForFunction(() => document.querySelector('.totals dd')?.textContent === '5');
  assert.equal(await total(page, 'asked again over TCP'), '0');
  await page.getByLabel('Uncut', {exact: true}).check({force: true});
  await page.waitForFunction(() => document.querySelector('.totals dd')?.textContent === '0');
});

test('counters: a series that is missing says that there is no data', async ({start, open}) => {
  const program = await start(demo);
  const {page} = await open(program);
  await page.route('**/metrics', (route) => route.fulfill({contentType: 'text/plain', body: '# nothing\nodd{a="\\"}"} 1\n'}));
  await go(page, 'counters');
  for (const title of ['Truncation', 'Retries over TCP', 'Response sizes', 'Latency']) await told(page, title, 'no data yet');
  await page.waitForFunction(() => document.querySelector('.totals dd')?.textContent === 'no data yet');
});
