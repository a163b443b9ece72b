// SPDX-License-Identifier: Apache-2.0
// The page of `uncut serve`: one server, no scripted upstream, a journal only on demand, perhaps a token.
import assert from 'node:assert/strict';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {chain, demo, go, serve, test} from './support.mjs';

async function askChain(page) {
  await page.getByLabel('Name').fill(chain);
  await page.getByRole('button', {name: 'Ask', exact: true}).click();
  await page.locator('.telling-uncut .timeline').first().waitFor();
}

test('serve: one timeline, no faults, and counters', async ({start, open}) => {
  const upstream = await (await start(demo)).address('upstream');
  const program = await start(serve(upstream, '--journal', '100'));
  const {page} = await open(program);
  assert.equal(await page.locator('.telling').count(), 1);
  await askChain(page);
  assert.deepEqual(await page.locator('.sentence').allTextContents(), ['22 addresses in 530 octets over UDP.']);
  assert.equal(await page.locator('.telling .over-tcp .arrow').count(), 2);

  await go(page, 'exchanges');
  await page.locator('.exchanges li').first().waitFor();
  await go(page, 'policies');
  await page.locator('.fields').waitFor();
  await go(page, 'faults');
  await page.getByText('There is no scripted upstream here').waitFor();
  await go(page, 'counters');
  await page.waitForFunction(() => document.querySelector('.totals dd')?.textContent === '1');
});

test('serve: without a journal the page says how to have one', async ({start, open}) => {
  const upstream = await (await start(demo)).address('upstream');
  const program = await start(serve(upstream));
  const {page} = await open(program, {refusals: [409]});
  await askChain(page);
  assert.deepEqual(await page.locator('.sentence').allTextContents(), ['22 addresses in 530 octets over UDP.']);
  await page.getByText('the journal is off here').waitFor();
  await go(page, 'exchanges');
  await page.getByText('--journal N').waitFor();
});

test('serve: a token is asked for, kept for the tab, and not asked for twice', async ({start, open}) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'uncut-page-'));
  try {
    const token = 'a-token-of-some-length';
    await writeFile(path.join(folder, 'token'), `${token}\n`);
    const upstream = await (await start(demo)).address('upstream');
    const program = await start(serve(upstream, '--admin-token-file', path.join(folder, 'token')));
    assert.equal((await fetch(`${program.admin}/v1/policies`)).status, 401);
    const {page} = await open(program, {view: 'policies', refusals: [401], dialog: true});
    await page.getByLabel('Token', {exact: true}).fill('not-the-token-at-all');
    await page.keyboard.press('Enter');
    await page.getByText('That token was refused.').waitFor();
    await page.getByLabel('Token', {exact: true}).fill(token);
    await page.keyboard.press('Enter');
    await page.locator('.fields').waitFor();
    assert.equal(await page.locator('dialog').count(), 0);
    await page.getByLabel('udp_tries').fill('4');
    await page.getByRole('button', {name: 'Save'}).click();
    await page.getByText('default: saved. Revision 2.').first().waitFor();

    await page.reload();
    await page.locator('.fields').waitFor();
    assert.equal(await page.locator('dialog').count(), 0);
  } finally {
    await rm(folder, {recursive: true});
  }
});
