// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {demo, test} from './support.mjs';

const policy = async (program, zone = 'default') => (await program.api('GET', `/v1/policies/${zone}`)).body;
const revision = (page) => page.locator('.revision').textContent();
const save = (page) => page.getByRole('button', {name: 'Save'}).click();

async function openPolicies(open, program, options = {}) {
  const {page} = await open(program, {view: 'policies', ...options});
  await page.locator('.fields').waitFor();
  return page;
}

test('policies: the form has every field, with its unit, meaning and range', async ({start, open}) => {
  const program = await start(demo);
  const page = await openPolicies(open, program);
  const {fields} = (await program.api('GET', '/v1/policy-fields')).body;
  assert.deepEqual(await page.locator('.fields .field').evaluateAll((all) => all.map((one) => one.dataset.field)), fields.map((field) => field.name));
  for (const field of fields) {
    const row = page.locator(`[data-field=${field.name}]`);
    const text = await row.innerText();
    assert.ok(text.includes(field.meaning), field.name);
    if (field.unit) assert.ok(text.includes(field.unit), field.name);
    if (field.kind === 'integer') assert.ok(text.includes(`${field.minimum.toLocaleString('en-US')} to ${field.maximum.toLocaleString('en-US')}`), field.name);
  }
});

test('policies: what is saved is in force, at a new revision', async ({start, open}) => {
  const program = await start(demo);
  const page = await openPolicies(open, program);
  assert.equal(await revision(page), '1');
  await page.getByLabel('udp_tries').fill('5');
  await page.getByLabel('retry_truncated').uncheck();
  await page.getByLabel('oversize').uncheck();
  await page.getByLabel('upstream_transport').selectOption('learned');
  await save(page);
  await page.getByText('default: saved. Revision 2.').first().waitFor();
  const now = await policy(program);
  assert.equal(now.udp_tries, 5);
  assert.equal(now.retry_truncated, false);
  assert.deepEqual(now.suspect, ['cut', 'dangling_cname']);
  assert.equal(now.upstream_transport, 'learned');
  assert.equal(await revision(page), '2');
});

test('policies: an error is shown at its field, and nothing is saved', async ({start, open}) => {
  const program = await start(demo);
  const page = await openPolicies(open, program, {refusals: [422]});
  for (const [value, said] of [['0', /expected an integer from 1 to 8, got 0/], ['many', /expected an integer from 1 to 8, got "many"/]]) {
    await page.getByLabel('udp_tries').fill(value);
    await save(page);
    const row = page.locator('[data-field=udp_tries]');
    await row.getByText(said).waitFor();
    assert.equal(await page.getByLabel('udp_tries').getAttribute('aria-invalid'), 'true');
    assert.equal(await page.evaluate(() => document.activeElement.id), await page.getByLabel('udp_tries').getAttribute('id'));
  }
  assert.equal((await policy(program)).udp_tries, 3);
  await page.getByLabel('udp_tries').fill('4');
  await save(page);
  await page.getByText('Revision 2.').first().waitFor();
  assert.equal(await page.locator('[aria-invalid]').count(), 0);
});

test('policies: who was overtaken is told, and can load what is in force', async ({start, open}) => {
  const program = await start(demo);
  const page = await openPolicies(open, program, {refusals: [412]});
  await page.getByLabel('udp_tries').fill('5');
  await program.api('PATCH', '/v1/policies/default', {udp_tries: 7});
  await save(page);
  await page.getByText('The policies have changed meanwhile.').waitFor();
  assert.match(await page.locator('.notice').innerText(), /revision 1.*revision is 2 now/s);
  assert.equal((await policy(program)).udp_tries, 7);
  assert.equal(await page.getByLabel('udp_tries').inputValue(), '5');
  await page.getByRole('button', {name: 'Load what is in force'}).click();
  await page.waitForFunction(() => document.querySelector('[data-field=udp_tries] input').value === '7');
  assert.equal(await revision(page), '2');
});

test('policies: a zone is added, overrides a field, gives it back, and is deleted', async ({start, open}) => {
  const program = await start(demo);
  const page = await openPolicies(open, program);
  await page.getByLabel('Another zone').fill('Cluster.Local.');
  await page.getByRole('button', {name: 'Add'}).click();
  await page.getByRole('heading', {name: 'cluster.local', exact: true}).waitFor();
  assert.deepEqual(await policy(program, 'cluster.local'), {});
  assert.equal(await page.getByLabel('udp_tries', {exact: true}).isDisabled(), true);

  await page.getByLabel('Set udp_tries for this zone').check();
  await page.getByLabel('udp_tries', {exact: true}).fill('2');
  await save(page);
  await page.getByText('cluster.local: saved.').first().waitFor();
  assert.deepEqual(await policy(program, 'cluster.local'), {udp_tries: 2});

  await page.getByLabel('Set udp_tries for this zone').uncheck();
  assert.equal(await page.getByLabel('udp_tries', {exact: true}).inputValue(), '3');
  await save(page);
  await page.waitForFunction(() => document.querySelector('.revision').textContent === '4');
  assert.deepEqual(await policy(program, 'cluster.local'), {});

  await page.getByRole('button', {name: 'Delete the zone cluster.local'}).click();
  await page.getByText('cluster.local: deleted.').first().waitFor();
  assert.deepEqual(Object.keys((await program.api('GET', '/v1/policies')).body), ['default']);
});

test('policies: a name that is no zone is refused with a reason', async ({start, open}) => {
  const program = await start(demo);
  const page = await openPolicies(open, program, {refusals: [422]});
  await page.getByLabel('Another zone').fill('a..b');
  await page.getByRole('button', {name: 'Add'}).click();
  await page.locator('.notice.bad').waitFor();
  assert.deepEqual(Object.keys((await program.api('GET', '/v1/policies')).body), ['default']);
});

test('policies: presets are buttons, and say which is in force', async ({start, open}) => {
  const program = await start(demo);
  const page = await openPolicies(open, program);
  const pressed = () => page.locator('.presets [aria-pressed=true]').allTextContents();
  assert.deepEqual(await pressed(), ['default']);
  await page.getByRole('button', {name: 'coredns-force-tcp'}).click();
  await page.getByText('coredns-force-tcp: applied. Revision 2.').first().waitFor();
  assert.deepEqual(await pressed(), ['coredns-force-tcp']);
  assert.deepEqual(await policy(program), (await program.api('GET', '/v1/presets/coredns-force-tcp')).body);
  assert.equal(await page.getByLabel('upstream_transport').inputValue(), 'tcp');
});
