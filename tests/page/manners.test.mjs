// SPDX-License-Identifier: Apache-2.0
// What holds for the whole page: keyboard, narrow screens, contrast, and that no text becomes markup. That no request
// leaves the origin and no error is logged is checked behind every test.
import assert from 'node:assert/strict';
import {ask, chain, demo, go, query, test, views} from './support.mjs';

const labels = chain.split('.');
const contrast_min = 4.5;  // WCAG 2.2, 1.4.3

const focused = (page, property) => page.evaluate((name) => document.activeElement[name], property);

async function tabTo(page, found, limit = 60) {
  for (let i = 0; i < limit; ++i) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(found)) return;
  }
  assert.fail(`not reached in ${limit} steps: ${found}`);
}

// Each view with something in it.
async function furnish(program) {
  await ask(await program.address('uncut'), query(labels));
  await ask(await program.address('before'), query(labels));
  await program.api('POST', '/v1/faults', {kind: 'wrong_id', name: chain, transport: 'udp', times: 3});
  await program.api('PUT', '/v1/policies/cluster.local', {udp_tries: 2});
}

async function visit(page, view) {
  await go(page, view);
  if (view === 'story') {
    await page.getByRole('button', {name: 'Ask', exact: true}).click();
    await page.locator('.telling-uncut .timeline').first().waitFor();
    await page.locator('.telling-before .inside > summary').click();
  }
  if (view === 'exchanges') await page.locator('.exchanges li').first().waitFor();
  if (view === 'exchanges/1') await page.locator('.detail .timeline[role=img]').waitFor();
  if (view === 'policies') await page.locator('.fields').waitFor();
  if (view === 'faults') await page.locator('.faults li[data-fault]').waitFor();
  if (view === 'counters') await page.waitForFunction(() => document.querySelector('.totals dd') !== null);
}

test('the whole is walked by keyboard alone', async ({start, open}) => {
  const program = await start(demo);
  const {page} = await open(program);
  await page.keyboard.press('Tab');
  assert.equal(await focused(page, 'textContent'), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await focused(page, 'id'), 'main');

  await tabTo(page, () => document.activeElement.textContent === 'Ask');
  await page.keyboard.press('Enter');
  await page.locator('.telling-uncut .sentence.good').waitFor();
  assert.match(await page.locator('#announcer').textContent(), /22 addresses in 530 octets over UDP/);

  await page.locator('.brand').focus();
  for (const view of ['exchanges', 'policies', 'faults', 'counters', 'exchanges']) {
    await page.locator('.brand').focus();
    await tabTo(page, `document.activeElement.hash === '#${view}'`);
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none');
    await page.keyboard.press('Enter');
    await page.locator(`.view-${view}`).waitFor();
  }

  await page.locator('.exchanges li').nth(1).waitFor();
  await tabTo(page, () => document.activeElement.closest('.exchanges') !== null);
  await page.keyboard.press('ArrowDown');
  const row = await focused(page, 'hash');
  await page.keyboard.press('Enter');
  await page.locator('.detail').waitFor();
  await page.waitForFunction(() => document.activeElement.tagName === 'H2');
  await page.keyboard.press('Escape');
  await page.waitForFunction((hash) => document.activeElement.hash === hash, row);
});

test('every control has a name', async ({start, open}) => {
  const program = await start(demo);
  await furnish(program);
  const {page} = await open(program);
  for (const view of [...views, 'exchanges/1']) {
    await visit(page, view);
    const nameless = await page.evaluate(() => [...document.querySelectorAll('button, a, input, select, textarea, svg[role=img]')]
      .filter((element) => {
        const labelled = element.getAttribute('aria-label') || element.labels?.length > 0;
        return !labelled && element.textContent.trim() === '';
      }).map((element) => element.outerHTML.slice(0, 100)));
    assert.deepEqual(nameless, [], view);
  }
});

test('a name with HTML in it is text', async ({start, open}) => {
  const program = await start(demo);
  const html = '<svg/onload=name=1><b>bold</b>';
  await ask(await program.address('uncut'), query([html, 'example']));
  const {page} = await open(program, {view: 'exchanges'});
  const link = page.locator('.exchanges a').first();
  await link.waitFor();
  assert.match(await link.innerText(), /<svg\/onload=name=1><b>bold<\/b>/);
  await link.click();
  await page.locator('.detail .timeline[role=img]').waitFor();
  for (const summary of await page.locator('.packets summary').all()) await summary.click();
  assert.equal(await page.locator('main b:text-is("bold"), main svg[onload]').count(), 0);
  assert.match(await page.locator('.detail h2').innerText(), /<svg\/onload=name=1><b>bold<\/b>/);
  assert.equal(await page.evaluate(() => window.name), '');
});

test('at 360 and at 1600 pixels nothing is wider than the window', async ({start, open}) => {
  const program = await start(demo);
  await furnish(program);
  for (const width of [360, 1600]) {
    const {page} = await open(program, {width, height: 800});
    for (const view of [...views, 'exchanges/1']) {
      await visit(page, view);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(wider, 0, `${view} at ${width}`);
      // A timeline has all of its text within itself.
      const outside = await page.evaluate(() => [...document.querySelectorAll('svg.timeline[role=img], svg.plot')].flatMap((drawing) => {
        const frame = drawing.getBoundingClientRect();
        return [...drawing.querySelectorAll('text')].filter((text) => {
          const box = text.getBoundingClientRect();
          return box.width > 0 && (box.left < frame.left - 4 || box.right > frame.right + 4);
        }).map((text) => text.textContent);
      }));
      assert.deepEqual(outside, [], `${view} at ${width}`);
    }
  }
});

// The contrast of each text with what is behind it, by WCAG's formula.
const contrasts = () => {
  const channel = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return {r, g, b, a};
  };
  const luminance = ({r, g, b}) => 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return parse('rgb(255, 255, 255)');
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '');
  const seen = (element) => element.checkVisibility({visibilityProperty: true}) && element.getBoundingClientRect().width > 1;
  return [...document.querySelectorAll('body *')].filter((element) => hasText(element) && seen(element) && !element.matches(':disabled, option, optgroup, .tc-text'))
    .map((element) => {
      const style = getComputedStyle(element);
      const drawn = element instanceof SVGElement;
      const [one, other] = [luminance(parse(drawn ? style.fill : style.color)), luminance(behind(element))].sort((x, y) => y - x);
      return {text: element.textContent.slice(0, 30), of: element.className.baseVal ?? element.className, contrast: (one + 0.05) / (other + 0.05)};
    });
};

for (const scheme of ['light', 'dark']) {
  test(`${scheme}: every text has contrast enough`, async ({start, open}) => {
    const program = await start(demo);
    await furnish(program);
    const {page} = await open(program, {scheme});
    const papers = new Set();
    for (const view of [...views, 'exchanges/1']) {
      await visit(page, view);
      const found = await page.evaluate(contrasts);
      assert.ok(found.length > 20, view);
      assert.deepEqual(found.filter((one) => one.contrast < contrast_min), [], view);
      papers.add(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor));
    }
    assert.equal(papers.size, 1);
    const [dark] = [...papers].map((paper) => paper.match(/\d+/g).every((value) => Number(value) < 64));
    assert.equal(dark, scheme === 'dark');
  });
}

test('every file of the page forbids what is not its own', async ({start}) => {
  const program = await start(demo);
  for (const [path, type] of [['/', 'text/html; charset=utf-8'], ['/index.html', 'text/html; charset=utf-8'],
    ['/main.js', 'text/javascript; charset=utf-8'], ['/theme.css', 'text/css; charset=utf-8'], ['/favicon.svg', 'image/svg+xml']]) {
    const response = await fetch(program.admin + path);
    assert.equal(response.status, 200, path);
    assert.equal(response.headers.get('Content-Type'), type, path);
    assert.match(response.headers.get('Content-Security-Policy'), /^default-src 'self';/, path);
    assert.doesNotMatch(response.headers.get('Content-Security-Policy'), /unsafe/, path);
  }
  assert.equal((await fetch(`${program.admin}/openapi.json`)).status, 404);
  assert.equal((await fetch(`${program.admin}/`, {method: 'POST'})).status, 405);
});
