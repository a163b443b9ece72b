// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {ask, chain, demo, go, query, test} from './support.mjs';

const one = ['one', 'default', 'svc', 'cluster', 'local'];

async function openFaults(open, program, options = {}) {
  const {page} = await open(program, {view: 'faults', ...options});
  await page.getByRole('form', {name: 'Arm a fault'}).waitFor();
  return page;
}

const arm = (page) => page.getByRole('button', {name: 'Arm', exact: true}).click();
const faults = async (program) => (await program.api('GET', '/v1/faults')).body.faults;

test('faults: every kind is there, with its meaning and its parameters', async ({start, open}) => {
  const program = await start(demo);
  const page = await openFaults(open, program);
  const {kinds} = (await program.api('GET', '/v1/fault-kinds')).body;
  assert.ok(kinds.length > 0);
  assert.deepEqual((await page.getByLabel('kind').locator('option').allTextContents()).sort(), kinds.map((kind) => kind.kind).sort());
  for (const kind of kinds) {
    await page.getByLabel('kind').selectOption(kind.kind);
    const form = page.getByRole('form', {name: 'Arm a fault'});
    const text = await form.innerText();
    assert.ok(text.includes(kind.meaning), kind.kind);
    for (const parameter of kind.parameters) {
      assert.equal(await form.locator(`[data-field="${parameter.name}"] input`).count(), 1, `${kind.kind} ${parameter.name}`);
      assert.ok(text.includes(parameter.meaning), `${kind.kind} ${parameter.name}`);
    }
  }
});

test('faults: one is armed, strikes, is spent and deleted', async ({start, open}) => {
  const program = await start(demo);
  const page = await openFaults(open, program);
  await page.getByLabel('kind').selectOption('rcode');
  await page.locator('[data-field="rcode"] input').fill('5');
  await page.locator('[data-field="name"] input').fill(one.join('.'));
  await page.locator('[data-field="times"] input').fill('1');
  await arm(page);
  const row = page.locator('.faults li[data-fault]');
  await row.waitFor();
  assert.match(await row.innerText(), /struck 0 of 1 time/);

  const response = await ask(await program.address('uncut'), query(one));
  assert.equal(response[3] & 15, 5);  // REFUSED
  await page.getByText('struck 1 of 1 time (spent)').waitFor();

  await row.getByRole('button', {name: /^Delete fault/}).click();
  await page.getByText('None: the upstream answers as well as it can.').waitFor();
  assert.deepEqual(await faults(program), []);
});

test('faults: a parameter that cannot be is refused at its field', async ({start, open}) => {
  const program = await start(demo);
  const page = await openFaults(open, program, {refusals: [422]});
  await page.getByLabel('kind').selectOption('delay');
  await page.locator('[data-field="delay_ms"] input').fill('soon');
  await arm(page);
  await page.locator('[data-field="delay_ms"].refused').waitFor();
  assert.match(await page.locator('[data-field="delay_ms"] .wrong').innerText(), /expected an integer/);
  await page.locator('[data-field="delay_ms"] input').fill('5');
  await page.locator('[data-field="probability"] input').fill('2');
  await arm(page);
  await page.locator('[data-field="probability"].refused').waitFor();
  assert.equal(await page.locator('[data-field="delay_ms"].refused').count(), 0);
  assert.deepEqual(await faults(program), []);
});

test('faults: a scenario is put in force, and its questions are asked on the story', async ({start, open}) => {
  const program = await start(demo);
  const {scenarios} = (await program.api('GET', '/v1/scenarios')).body;
  const page = await openFaults(open, program);
  await page.locator('.scenario').first().waitFor();
  assert.deepEqual(await page.locator('.scenario').evaluateAll((all) => all.map((button) => button.dataset.scenario)),
    scenarios.map((scenario) => scenario.name));
  const chosen = scenarios.find((scenario) => scenario.name === 'tc-lost-in-the-chain');
  await page.locator(`[data-scenario="${chosen.name}"]`).click();
  await page.locator(`[data-scenario="${chosen.name}"][aria-pressed=true]`).waitFor();
  const now = (await program.api('GET', '/v1/scenario')).body;
  assert.equal(now.name, chosen.name);

  await go(page, 'story');
  const name = now.story.find((step) => step.ask).ask.name.replace(/\.$/, '');
  await page.locator('.picks').getByRole('button', {name: new RegExp(name.replaceAll('.', '\\.'))}).first().click();
  await page.locator('.telling-uncut .timeline').first().waitFor();
  assert.equal(await page.getByRole('combobox', {name: 'Name'}).inputValue(), name);
});

test('faults: reset gives back the state at start', async ({start, open}) => {
  const program = await start(demo);
  await program.api('POST', '/v1/faults', {kind: 'drop', name: chain});
  const page = await openFaults(open, program);
  await page.locator('.faults li[data-fault]').waitFor();
  await page.getByRole('button', {name: 'Reset everything'}).click();
  await page.getByText('None: the upstream answers as well as it can.').waitFor();
  assert.deepEqual(await faults(program), []);
});

test('answers: the list says what each is, and one is put, asked and deleted', async ({start, open}) => {
  const program = await start(demo);
  const page = await openFaults(open, program);
  const listed = page.locator('.answers li');
  await listed.first().waitFor();
  const {answers} = (await program.api('GET', '/v1/answers')).body;
  assert.equal(await listed.count(), answers.length);
  assert.match(await page.locator('[data-answer="clustercfg.quote-redis.k3v9qz.use1.cache.example.net. A"]').innerText(), /22 (addresses|records)/);

  const form = page.getByRole('form', {name: 'Put an answer'});
  await form.getByLabel('Name').fill('many.example');
  await form.getByLabel('Value').fill('40');
  await form.getByRole('button', {name: 'Put'}).click();
  const put = page.locator('[data-answer="many.example. A"]');
  await put.waitFor();
  assert.match(await put.innerText(), /40 addresses/);

  await put.getByRole('link').click();
  await page.locator('.view-story').waitFor();
  await page.getByRole('button', {name: 'Ask', exact: true}).click();
  await page.getByText(/^40 addresses in/).waitFor();

  await go(page, 'faults');
  await put.getByRole('button').click();
  await put.waitFor({state: 'detached'});
  assert.equal((await program.api('GET', '/v1/answers/many.example./A')).status, 404);
});
