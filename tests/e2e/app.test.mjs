// The main job in the release build, with the real weights, on the CPU: a CSV
// becomes a fine-tuned model, judged on rows it never saw, that answers as one
// types.

import assert from 'node:assert/strict';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startBrowser, startSite, visit } from './harness.mjs';
import { id, openFile } from './steps.mjs';

const SAMPLES = fileURLToPath(new URL('../../public/samples/', import.meta.url));
const SPAM = path.join(SAMPLES, 'sms_spam_sample.csv');

/** What a run may take on a slow machine under load. */
const RUN_MS = 25 * 60_000;

/** The number in an element, `97.7 %` as 97.7. */
async function figure(page, name) {
  const text = await id(page, name).innerText();
  const number = text.replaceAll(',', '').match(/-?\d+(\.\d+)?/);
  assert.ok(number, `${name}: ${text}`);
  return Number(number[0]);
}

/** Waits until a run is judged; fails at once with the page's words if it failed. */
async function judged(page) {
  const verdict = id(page, 'verdict');
  const failure = id(page, 'failure');
  await verdict.or(failure).or(id(page, 'to-evaluate')).first().waitFor({ timeout: RUN_MS });
  if (await failure.isVisible()) assert.fail(await failure.innerText());
  if (!(await verdict.isVisible())) await id(page, 'to-evaluate').click();
  await verdict.waitFor();
}

test('an SMS file becomes a judged model, then a better one with the network off', { timeout: 60 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } });
  const seen = await visit(browser, site.url);
  const { page } = seen;
  await seen.shot('first-visit');

  // How long the page's own thread was busy at one time while the worker trained.
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
  });
  const dropped = Date.now();
  await openFile(page, SPAM);
  assert.equal(await id(page, 'column-target').inputValue(), 'label');
  assert.ok(await id(page, 'column-in-text').isChecked(), 'the text column is guessed');
  await id(page, 'to-tune').click();
  await id(page, 'method-head').check({ force: true });
  await seen.shot('tune');
  await id(page, 'start').click();
  await judged(page);
  const seconds = (Date.now() - dropped) / 1000;
  const head = await figure(page, 'metric-accuracy');
  t.diagnostic(`head only: accuracy ${head}, ${seconds.toFixed(1)} s from drop to verdict`);
  for (const phase of ['load', 'tokenize', 'embed', 'probe', 'train', 'evaluate']) {
    const row = id(page, `seconds-${phase}`);
    if (await row.count()) t.diagnostic((await row.innerText()).replaceAll(/\s+/g, ' '));
  }
  const busy = await page.evaluate(() => window.longTasks);
  t.diagnostic(`tasks over 50 ms on the page's thread: ${busy.length}, the longest ${Math.max(0, ...busy).toFixed(0)} ms`);
  assert.ok(head >= 0.965, `accuracy ${head}`);
  assert.ok((await figure(page, 'baseline-majority')) < 83);
  await seen.shot('evaluate');

  await t.test('a cell of the confusion matrix opens the rows behind it', async () => {
    await id(page, 'confusion-cell-spam-spam').click();
    await id(page, 'cell-rows').waitFor();
    assert.ok((await id(page, 'cell-row').count()) > 0);
  });

  await t.test('every part of the screen is drawn', async () => {
    for (const part of ['calibration', 'threshold', 'abstain', 'slices', 'fit']) await id(page, part).waitFor({ timeout: 60_000 });
    await page.waitForFunction(() => / to /.test(document.querySelector('[data-testid="interval-macro_f1"]')?.textContent));
    assert.equal(await page.locator('.study [data-part]:empty').count(), 0);
    await id(page, 'threshold-goal').selectOption('precision');
    await id(page, 'threshold-wanted').waitFor();
    await id(page, 'confusion-show').selectOption('rates');
    await page.waitForFunction(() => document.querySelector('[data-testid="confusion-show"]')?.value === 'rates');
    await seen.shot('evaluate-all');
  });

  await t.test('the report is one file that opens offline and asks for nothing', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), id(page, 'save-report').click()]);
    assert.match(download.suggestedFilename(), /^sms_spam_sample-head-report\.html$/);
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'burnish-report-')), 'report.html');
    await download.saveAs(file);
    const reader = await browser.newPage();
    const requests = [];
    reader.on('request', (request) => requests.push(request.url()));
    const errors = [];
    reader.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await reader.context().setOffline(true);
    await reader.goto(pathToFileURL(file).href);
    assert.equal(requests.length, 1, requests.join('\n'));
    assert.deepEqual(errors, []);
    assert.equal(await id(reader, 'metric-accuracy').innerText(), await id(page, 'metric-accuracy').innerText());
    assert.equal(await id(reader, 'verdict').innerText(), await id(page, 'verdict').innerText());
    assert.ok((await reader.locator('svg.plot').count()) >= 6, 'the charts are in it');
    if (process.env.BURNISH_SHOTS) await reader.screenshot({ path: path.join(process.env.BURNISH_SHOTS, 'report.png'), fullPage: true });
    await reader.context().setOffline(false);
    await reader.close();
  });

  await t.test('it answers as one types', async () => {
    await id(page, 'to-use').click();
    await id(page, 'use-text').fill('WINNER!! You have won a free prize. Call 09061701461 now to claim');
    await page.waitForFunction(() => Number(document.querySelector('[data-testid="prob-spam"]')?.dataset.value) > 0.5);
    await id(page, 'use-text').fill('ok, see you at home tonight');
    await page.waitForFunction(() => Number(document.querySelector('[data-testid="prob-ham"]')?.dataset.value) > 0.5);
    await seen.shot('use');
  });

  await t.test('the record of requests has the page\'s and the worker\'s', async () => {
    await id(page, 'privacy-badge').click();
    const listed = await id(page, 'request').allInnerTexts();
    assert.ok(listed.some((row) => row.includes('model.safetensors')), listed.join('\n'));
    assert.ok(listed.some((row) => row.includes('style')), listed.join('\n'));
    await seen.shot('privacy');
    await page.keyboard.press('Escape');
  });

  // Promise 1: nothing left so far, and from here on nothing can.
  seen.assertQuiet();
  await browser.setOffline(true);
  await id(page, 'step-tune').click();
  await id(page, 'method-lora').check({ force: true });
  await id(page, 'every-setting').click();
  await id(page, 'option-training-epochs').fill('2');
  await id(page, 'option-training-epochs').press('Tab');
  await id(page, 'start').click();
  await id(page, 'progress-step').waitFor({ timeout: RUN_MS });
  const { height } = await id(page, 'chart-loss').boundingBox();
  assert.ok(height > 180, `the curves have room: ${height} px`);
  await seen.shot('tune-running');

  await t.test('pause holds it and resume goes on', async () => {
    await id(page, 'pause').click();
    await id(page, 'resume').waitFor({ timeout: 60_000 });
    const held = await id(page, 'progress-step').innerText();
    await page.waitForTimeout(3000);
    assert.equal(await id(page, 'progress-step').innerText(), held);
    await id(page, 'resume').click();
    await id(page, 'pause').waitFor({ timeout: 60_000 });
  });

  await judged(page);
  const lora = await figure(page, 'metric-accuracy');
  t.diagnostic(`LoRA, two epochs, network off: accuracy ${lora}`);
  assert.ok(lora >= 0.98, `accuracy ${lora}`);
  assert.ok((await figure(page, 'baseline-probe')) >= 95);
  assert.deepEqual(seen.uploads(), [], 'nothing was sent');
  assert.deepEqual(seen.foreignRequests(), [], 'nobody else was asked');
});

test('the step under way ends and its best checkpoint is kept when one stops', { timeout: 30 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const seen = await visit(await startBrowser(t), site.url);
  const { page } = seen;
  // 60 short rows, so that the encoder reads them in a few seconds.
  const lines = (await readFile(path.join(SAMPLES, 'support_intents.csv'), 'utf8')).split('\n');
  const few = lines.slice(1).filter((line) => /,(cancel_transfer|card_arrival|edit_personal_details|transfer_timing)\s*$/.test(line));
  assert.ok(few.length >= 60, `${few.length} rows`);
  await id(page, 'file-input').setInputFiles({
    name: 'few.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from([lines[0], ...few.slice(0, 80)].join('\n')),
  });
  await id(page, 'preview').waitFor();
  await id(page, 'to-tune').click();
  await id(page, 'method-full').check({ force: true });
  await id(page, 'start').click();
  await id(page, 'progress-step').waitFor({ timeout: RUN_MS });
  await id(page, 'stop').click();
  await judged(page);
  assert.match(await id(page, 'verdict').innerText(), /% right/);
  seen.assertQuiet();
});

/** 120 rows of a few customers, separated by semicolons, with untidy labels and a number that gives them away. */
function tickets() {
  const lines = ['ticket;customer;text;label;handled_by'];
  const asks = [
    ['refund', 'please send my money back for the order that never came', 'billing desk'],
    ['delivery', 'the parcel did not arrive and nobody knows where it is', 'depot'],
    ['account', 'my password is not accepted and the link to reset it fails', 'support'],
  ];
  for (let row = 0; row < 120; row += 1) {
    const [label, text, desk] = asks[row % 3];
    const spelled = row % 17 === 0 ? `${label.toUpperCase()} ` : label;
    lines.push(`T-${1000 + row};customer ${row % 24};${text}, case ${row * 7919 % 997};${spelled};${desk}`);
  }
  return lines.join('\n');
}

/** Moves the focus with Tab to an element, as somebody without a mouse does. */
async function tabTo(page, name) {
  for (let presses = 0; presses < 200; presses += 1) {
    const at = await page.evaluate(() => document.activeElement?.dataset.testid ?? '');
    if (at === name) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${name} cannot be reached with Tab`);
}

/** Chooses in the select that has the focus, by the letters of the choice. */
async function chooseByKeys(page, name, value) {
  await tabTo(page, name);
  const select = id(page, name);
  for (let presses = 0; presses < 40 && (await select.inputValue()) !== value; presses += 1) {
    const [now, wanted] = await select.evaluate(
      (element, value) => [element.selectedIndex, [...element.options].findIndex((option) => option.value === value)],
      value,
    );
    assert.ok(wanted >= 0, `${name} offers ${value}`);
    await page.keyboard.press(now < wanted ? 'ArrowDown' : 'ArrowUp');
    await page.waitForTimeout(150);
    if ((await page.evaluate(() => document.activeElement?.dataset.testid)) !== name) await tabTo(page, name);
  }
  assert.equal(await select.inputValue(), value, name);
}

async function press(page, name) {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}

test('the Data step from file to model by keyboard only', { timeout: 30 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } });
  const seen = await visit(browser, site.url);
  const { page } = seen;
  // The one thing that a keyboard cannot do here is the operating system's window to choose a file.
  await id(page, 'file-input').setInputFiles({ name: 'tickets.csv', mimeType: 'text/csv', buffer: Buffer.from(tickets()) });
  await id(page, 'preview').waitFor();

  await t.test('the rows can be walked, sorted and searched', async () => {
    await page.keyboard.press('Tab');
    await tabTo(page, 'rows-search');
    await page.keyboard.type('parcel');
    await page.waitForFunction(() => /^40 of/.test(document.querySelector('[data-testid="rows-said"]').textContent));
    for (let letter = 0; letter < 6; letter += 1) await page.keyboard.press('Backspace');
    await page.waitForFunction(() => /^120/.test(document.querySelector('[data-testid="rows-said"]').textContent));
    await tabTo(page, 'preview');
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'Control+End']) await page.keyboard.press(key);
    await page.waitForFunction(() => /row 120/.test(document.querySelector('[data-testid="whole-cell"]')?.textContent));
    for (const key of ['Control+Home', 'ArrowUp', 'Enter', 'Enter']) await page.keyboard.press(key);
    await id(page, 'column-ticket').and(page.locator('[aria-sort="descending"]')).waitFor();
    await page.waitForFunction(() => document.getElementById('cell-0-0')?.textContent === 'T-1119');
    await page.keyboard.press('Enter');
    await page.keyboard.press(' ');
    await id(page, 'column-detail').waitFor();
    await page.keyboard.press('Escape');
    await id(page, 'column-detail').waitFor({ state: 'detached' });
  });

  await t.test('rows of one value are shown alone, and all again', async () => {
    await tabTo(page, 'preview');
    for (const key of ['Control+Home', 'ArrowUp', 'ArrowRight', 'ArrowRight', 'ArrowRight', ' ']) await page.keyboard.press(key);
    await id(page, 'column-detail').and(page.locator(':has-text("label")')).waitFor();
    await press(page, 'bar-filter');
    await id(page, 'rows-filter').waitFor();
    const value = (await id(page, 'rows-filter').innerText()).match(/label is “(.+)”/)[1];
    await page.waitForFunction(() => /^\d+ of 120/.test(document.querySelector('[data-testid="rows-said"]').textContent));
    const [kept] = (await id(page, 'rows-said').innerText()).match(/^\d+/);
    const written = tickets().split('\n').filter((line) => line.split(';')[3] === value).length;
    assert.equal(Number(kept), written, `rows with ${value}`);
    await page.keyboard.press('Escape');
    await press(page, 'rows-filter');
    await page.waitForFunction(() => /^120/.test(document.querySelector('[data-testid="rows-said"]').textContent));
  });

  await t.test('another delimiter shows at once what comes of it', async () => {
    await press(page, 'fold-reading');
    await chooseByKeys(page, 'read-delimiter', ',');
    await page.waitForFunction(() => /Comma-separated/.test(document.querySelector('[data-testid="reading-preview"]')?.textContent));
    await chooseByKeys(page, 'read-delimiter', ';');
    await page.waitForFunction(() => /Semicolon-separated.*5 columns/.test(document.querySelector('[data-testid="reading-preview"]')?.textContent));
    await press(page, 'reading-use');
    await id(page, 'reading-use').waitFor({ state: 'detached' });
    await id(page, 'column-handled_by').waitFor();
  });

  await t.test('a column is read as another kind', async () => {
    await press(page, 'fold-columns');
    await chooseByKeys(page, 'kind-customer', 'text');
    await id(page, 'column-customer').and(page.locator(':has-text("Text")')).waitFor();
  });

  await t.test('an offer is done and undone', async () => {
    await press(page, 'fold-prepare');
    await id(page, 'offer').first().waitFor({ timeout: 60_000 });
    const before = await id(page, 'offer').count();
    await press(page, 'do-0');
    await id(page, 'done-step').waitFor();
    await page.waitForFunction(() => !/Counting/.test(document.querySelector('[data-testid="done-step"]').textContent));
    await press(page, 'undo-0');
    await id(page, 'done-step').waitFor({ state: 'detached' });
    await page.waitForFunction((before) => document.querySelectorAll('[data-testid="offer"]').length === before, before);
    await press(page, 'do-0');
    await id(page, 'done-step').waitFor();
  });

  await t.test('customers are kept on one side', async () => {
    await press(page, 'fold-split');
    await chooseByKeys(page, 'split-kind', 'group');
    await chooseByKeys(page, 'split-column', 'customer');
    await page.waitForFunction(() => /customer/.test(document.querySelector('[data-testid="fold-split"]').textContent));
    await id(page, 'label-parts').waitFor();
  });

  await t.test('a leak is found and mended', async () => {
    await press(page, 'fold-leaks');
    const leak = id(page, 'suspect').filter({ hasText: 'handled_by' }).first();
    await leak.waitFor({ timeout: 60_000 });
    await tabTo(page, 'fix-0');
    while (!(await page.evaluate(() => document.activeElement.textContent.includes('handled_by')))) {
      await page.keyboard.press('Tab');
      await tabTo(page, 'fix-0');
    }
    await page.keyboard.press('Enter');
    await id(page, 'done-step').nth(1).waitFor();
    await leak.waitFor({ state: 'detached', timeout: 60_000 });
  });
  await seen.shot('data-by-keyboard');

  await t.test('and it learns', async () => {
    await page.waitForFunction(() => !document.querySelector('[data-testid="to-tune"]').disabled, undefined, { timeout: 60_000 });
    await press(page, 'to-tune');
    await id(page, 'start').waitFor();
    await id(page, 'method-head').focus();
    await page.keyboard.press(' ');
    await press(page, 'start');
    await judged(page);
    assert.match(await id(page, 'verdict').innerText(), /% right/);
  });
  seen.assertQuiet();
});

const REFUSED = [
  ['an empty file', 'empty.csv', '', /empty/i],
  ['one column', 'one.csv', 'text\na\nb\nc\n', /single column/i],
  ['one class', 'same.csv', 'text,label\nfirst words here,x\nsecond words here,x\nthird words here,x\nfourth words here,x\n', /every row|only one|one label|same/i],
  ['a class with one row', 'tiny.csv', 'text,label\naa b,x\ncc d,x\nee f,x\ngg h,x\nii j,x\nkk l,y\n', /"?y"?/],
  ['a binary file', 'picture.csv', 'PK\u0003\u0004\u0000\u0000\u0000\u0000', /not|binary|text/i],
];

test('what cannot be learned from is said, with what to do next', { timeout: 5 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  for (const [what, name, text, said] of REFUSED) {
    await t.test(what, async () => {
      const seen = await visit(browser, site.url);
      const { page } = seen;
      await id(page, 'file-input').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
      // A column that holds one value is no label by any guess; the person may still choose it.
      if (what === 'one class') await id(page, 'column-target').selectOption('label');
      const message = id(page, 'failure').or(id(page, 'issue')).or(id(page, 'toast')).or(id(page, 'why-not'));
      await message.first().waitFor();
      await page.waitForFunction(
        (pattern) =>
          [...document.querySelectorAll('[data-testid="failure"],[data-testid="issue"],[data-testid="toast"],[data-testid="why-not"]')].some((element) =>
            new RegExp(pattern, 'i').test(element.textContent),
          ),
        said.source,
      );
      const start = id(page, 'to-tune');
      if (await start.count()) assert.ok((await start.isDisabled()) || (await start.getAttribute('aria-disabled')) === 'true', 'no way on');
      await page.close();
    });
  }
});

test('a first visit without a network says so and can try again', { timeout: 5 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const seen = await visit(browser, site.url);
  const { page } = seen;
  await browser.route('**/models/**', (route) => route.abort('internetdisconnected'));
  await openFile(page, SPAM);
  const failure = id(page, 'failure').first();
  await failure.waitFor();
  assert.match(await failure.innerText(), /could not be fetched/);
  assert.match(await failure.innerText(), /network/);
  await browser.unroute('**/models/**');
  await id(page, 'retry').first().click();
  await id(page, 'part-train').waitFor();
  assert.ok((await figure(page, 'part-train')) > 1000);
});

test('weights that do not match their hash are not used', { timeout: 5 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const seen = await visit(browser, site.url);
  const { page } = seen;
  await browser.route('**/models/**/model.safetensors', (route) => route.fulfill({ status: 200, body: Buffer.alloc(45_141_872) }));
  await openFile(page, SPAM);
  await id(page, 'to-tune').click();
  await id(page, 'start').click();
  const failure = id(page, 'failure').first();
  await failure.waitFor({ timeout: 120_000 });
  assert.match(await failure.innerText(), /does not match its SHA-256/);
});
