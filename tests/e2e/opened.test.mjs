// A model that leaves the page as a file: a .burnish file opens in somebody
// else's browser, and a one-file page opens from the disk without a network.
// Both say what the app said.

import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DIST, startBrowser, startSite, visit } from './harness.mjs';
import { cells, fewIntents, hurry, id, openFile, openSample, savedBy, toTune, tuned } from './steps.mjs';

/** What a run or a large file may take on a slow machine under load. */
const LONG_MS = 15 * 60_000;

/** How far predictions may be apart. */
const TOLERANCE = 1e-4;

const DESK = { context: { viewport: { width: 1280, height: 800 } } };

const saved = (page, name) => savedBy(page, () => id(page, name).click());

/** The probability that the Use step shows for a label, once it is above `least`. */
async function shareOf(page, label, least) {
  await page.waitForFunction(
    ([label, least]) => Number(document.querySelector(`[data-testid="prob-${label}"]`)?.dataset.value) > least,
    [label, least],
    { timeout: 60_000 },
  );
  return Number(await id(page, `prob-${label}`).getAttribute('data-value'));
}

/** Probabilities in the page of an opened model, by label. */
async function openedShares(page) {
  const rows = await page.getByTestId('demo-label').evaluateAll((rows) => rows.map((row) => [row.cells[0].textContent, Number(row.querySelector('meter').getAttribute('value'))]));
  return new Map(rows);
}

/** Opens a one-file page without a network, and waits until it has tested itself. */
async function openPage(t, file) {
  const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 }, offline: true } });
  const seen = await visit(browser, pathToFileURL(file).href, { ready: false });
  const { page } = seen;
  const mark = page.locator('#test:not([hidden])');
  await mark.or(page.locator('#status[role="alert"], #status [role="alert"]')).first().waitFor({ timeout: LONG_MS });
  assert.equal(await page.locator('#status [role="alert"]').count(), 0, await page.locator('#status').innerText());
  assert.match(await mark.innerText(), /^✓ Self-test passed/);
  assert.match(await mark.getAttribute('class'), /good/);
  t.diagnostic(`self-test: largest difference ${await mark.getAttribute('data-difference')}`);
  return seen;
}

test('a model of texts leaves as a file and as a page', { timeout: 60 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const maker = await visit(await startBrowser(t, DESK), site.url);
  const { page } = maker;
  const csv = await fewIntents();
  const texts = cells(csv).slice(1).map(([text]) => text);
  await openFile(page, { name: 'few.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await id(page, 'to-tune').click();
  await id(page, 'method-head').check({ force: true });
  await id(page, 'start').click();
  await tuned(page);
  await id(page, 'step-use').click();
  await page.locator('#take-along-title').waitFor({ timeout: LONG_MS });
  const asked = 'When will my new card get here?';
  await id(page, 'use-text').fill(asked);
  const own = await shareOf(page, 'card_arrival', 0.4);
  const model = await saved(page, 'export-burnish');
  assert.match(model.name, /^few-head-model\.burnish$/);
  const made = await saved(page, 'export-one_page');
  assert.match(made.name, /^few-head-model\.html$/);
  await maker.shots('take-along-one-page');
  maker.assertQuiet();
  await page.close();

  let link;
  await t.test('the file opens in another browser', async (t) => {
    const guest = await visit(await startBrowser(t, DESK), site.url);
    const { page } = guest;
    await id(page, 'file-input').setInputFiles(model.file);
    await id(page, 'opened').waitFor({ timeout: LONG_MS });
    assert.match(await id(page, 'opened').innerText(), /Which intent\?/);
    await id(page, 'opened-cell-text').fill(asked);
    await page.waitForFunction(() => document.querySelector('[data-testid="demo-label"]')?.textContent.includes('card_arrival'), undefined, { timeout: 60_000 });
    const there = (await openedShares(page)).get('card_arrival');
    t.diagnostic(`card_arrival: ${own} in the app, ${there} from the file`);
    assert.ok(Math.abs(own - there) <= TOLERANCE, `${own} and ${there}`);
    await id(page, 'opened-explain').click();
    await id(page, 'explained-answer').waitFor({ timeout: LONG_MS });
    assert.match(await id(page, 'explained-answer').innerText(), /card_arrival/);
    await id(page, 'opened-card').locator('summary').click();
    assert.match(await id(page, 'opened-card').innerText(), /license: "apache-2\.0"/);
    await guest.shots('opened');
    link = await id(page, 'bundle-link').inputValue();

    await id(page, 'batch-file').setInputFiles({ name: 'new.csv', mimeType: 'text/csv', buffer: Buffer.from('note,text\n=1+1,Where is my card?\n') });
    await id(page, 'batch-found').waitFor({ timeout: 60_000 });
    const scored = await saved(page, 'batch-save');
    const [, row] = cells(await readFile(scored.file));
    assert.deepEqual(row.slice(0, 3), ["'=1+1", 'Where is my card?', 'card_arrival']);

    // The next run goes on from it.
    await id(page, 'opened-fork').setInputFiles({ name: 'few.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await id(page, 'preview').waitFor();
    await toTune(page);
    assert.match(await id(page, 'goes-on-from').innerText(), /Goes on from file\.burnish\. Its rows are not at hand/);
    await id(page, 'method-head').check({ force: true });
    await id(page, 'start').click();
    await tuned(page);

    // With a table open, a model opens beside it, and closing it leads back.
    await id(page, 'to-evaluate').click();
    await id(page, 'verdict').waitFor({ timeout: 60_000 });
    await page.evaluate((bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], 'again.burnish'));
      window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
    }, [...(await readFile(model.file))]);
    await id(page, 'opened').waitFor({ timeout: LONG_MS });
    assert.match(await page.locator('main').innerText(), /on few\.csv, which is open/);
    await id(page, 'model-close').click();
    await id(page, 'verdict').waitFor({ timeout: 60_000 });

    for (const [what, name, bytes, wanted] of [
      ['a text', 'notes.burnish', Buffer.from('hello'), /"notes\.burnish" cannot be opened: this is no model of Burnish/],
      ['a cut model', 'cut.burnish', (await readFile(model.file)).subarray(0, 3000), /"cut\.burnish" cannot be opened: this is no model of Burnish/],
    ]) {
      await page.evaluate(
        ([name, bytes]) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(bytes)], name));
          window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
        },
        [name, [...bytes]],
      );
      const alert = page.locator('main [role="alert"]');
      await alert.waitFor({ timeout: 60_000 });
      const words = await alert.innerText();
      assert.match(words, wanted, what);
      assert.match(words, /Choose another file/, what);
      t.diagnostic(`${what}: ${words}`);
      if (what === 'a text') await guest.shots('opened-refused');
      await id(page, 'model-close').click();
      await id(page, 'verdict').waitFor({ timeout: 60_000 });
    }
    guest.assertQuiet();
  });

  await t.test('a link leads to the file beside the page', async (t) => {
    const root = await mkdtemp(path.join(tmpdir(), 'burnish-site-'));
    t.after(() => rm(root, { recursive: true, force: true }));
    for (const entry of await readdir(DIST)) await symlink(path.join(DIST, entry), path.join(root, entry));
    await copyFile(model.file, path.join(root, 'file.burnish'));
    const hosted = await startSite(t, { root });
    const browser = await startBrowser(t, DESK);
    const { hash } = new URL(link);
    assert.match(hash, /^#bundle=file\.burnish&sha256=[0-9a-f]{64}$/);
    const guest = await visit(browser, hosted.url + hash);
    await id(guest.page, 'bundle-start').waitFor({ timeout: LONG_MS });
    await guest.shots('bundle');
    assert.ok(!guest.requests.some(({ url }) => /burnish$|safetensors/.test(url)), 'nothing is fetched before a click');
    await id(guest.page, 'bundle-start').click();
    await id(guest.page, 'opened').waitFor({ timeout: LONG_MS });
    await id(guest.page, 'opened-cell-text').fill(asked);
    await guest.page.waitForFunction(() => document.querySelector('[data-testid="demo-label"]')?.textContent.includes('card_arrival'), undefined, { timeout: 60_000 });
    const there = (await openedShares(guest.page)).get('card_arrival');
    t.diagnostic(`card_arrival: ${own} in the app, ${there} by the link`);
    assert.ok(Math.abs(own - there) <= TOLERANCE, `${own} and ${there}`);
    await id(guest.page, 'opened-fork').setInputFiles({ name: 'few.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await id(guest.page, 'preview').waitFor({ timeout: 60_000 });
    await toTune(guest.page);
    assert.match(await id(guest.page, 'goes-on-from').innerText(), /Goes on from file\.burnish/);
    guest.assertQuiet();
    await guest.page.close();
    for (const [what, fragment, wanted] of [
      ['another hash', hash.replace(/.{4}$/, '0000'), /is not the one that it was made for/],
      ['another host', hash.replace('file.burnish', 'https://evil.example/file.burnish'), /lies on another host/],
      ['a cut link', hash.slice(0, -5), /cut or mistyped/],
      ['no such file', hash.replace('file.burnish', 'gone.burnish'), /answered 404/],
    ]) {
      const tab = await visit(browser, hosted.url + fragment);
      const start = id(tab.page, 'bundle-start');
      const alert = tab.page.locator('[role="alert"]').first();
      await start.or(alert).first().waitFor({ timeout: 60_000 });
      if (await start.count()) await start.click();
      await alert.waitFor({ timeout: 60_000 });
      const words = await alert.innerText();
      assert.match(words, wanted, what);
      t.diagnostic(`${what}: ${words}`);
      assert.deepEqual(tab.foreignRequests(), []);
      await tab.page.close();
    }
  });

  await t.test('the page opens from the disk without a network', async (t) => {
    const { size } = await stat(made.file);
    t.diagnostic(`one-file page: ${size} bytes`);
    assert.ok(size < 80_000_000, `${size} bytes`);
    // The page holds the model's file as it is, and the made-up rows, which are looked at below.
    const inside = await readFile(model.file, 'latin1');
    assert.deepEqual(texts.filter((text) => inside.includes(text)), [], 'no row is in it');
    const seen = await openPage(t, made.file);
    const { page } = seen;
    assert.equal(await page.locator('h1').innerText(), 'Which intent?');
    await page.locator('#field-0').fill(asked);
    await page.waitForFunction(() => document.querySelector('#said')?.textContent === 'card_arrival', undefined, { timeout: 60_000 });
    const there = Number(await page.locator('tr[data-label="card_arrival"]').getAttribute('data-value'));
    t.diagnostic(`card_arrival: ${own} in the app, ${there} in the page`);
    assert.ok(Math.abs(own - there) <= TOLERANCE, `${own} and ${there}`);
    await page.locator('#explain').click();
    await page.locator('.words mark').first().waitFor({ timeout: LONG_MS });
    assert.equal(await page.locator('.words').innerText(), asked);
    await seen.shots('one-page');
    const scored = await savedBy(page, () => page.locator('#table').setInputFiles({ name: 'new.csv', mimeType: 'text/csv', buffer: Buffer.from('note,text\n@SUM(1),Where is my card?\n') }));
    assert.equal(scored.name, 'new-predicted.csv');
    const [header, row] = cells(await readFile(scored.file));
    assert.deepEqual(header.slice(0, 3), ['note', 'text', 'prediction']);
    assert.deepEqual(row.slice(0, 3), ["'@SUM(1)", 'Where is my card?', 'card_arrival']);
    await page.locator('#inside summary').click();
    assert.match(await page.locator('#card').innerText(), /intent/);
    const again = await savedBy(page, () => page.locator('#take').click());
    assert.deepEqual(await readFile(again.file), await readFile(model.file), 'the model in it is the file');
    assert.deepEqual(seen.errors, []);
    assert.deepEqual(seen.requests.filter(({ url }) => /^(https?|wss?):/.test(url)), []);
  });

  await t.test('a page whose model was changed fails its own test', async (t) => {
    const words = await readFile(made.file, 'utf8');
    const [, golden] = words.match(/data-file="golden\.json" data-packed="gzip">([^<]+)</);
    const rows = JSON.parse(gunzipSync(Buffer.from(golden, 'base64')));
    assert.ok(rows.length >= 3 && rows.every(({ row }) => Object.keys(row).join() === 'text'));
    assert.deepEqual(rows.filter(({ row }) => texts.includes(row.text)), [], 'no row is in it');
    rows[0].prediction.labels.reverse();
    const changed = gzipSync(JSON.stringify(rows)).toString('base64');
    const file = made.file.replace(/\.html$/, '-changed.html');
    await writeFile(file, words.replace(golden, changed));
    const browser = await startBrowser(t, { context: { offline: true } });
    const { page } = await visit(browser, pathToFileURL(file).href, { ready: false });
    await page.locator('#test.poor').waitFor({ timeout: LONG_MS });
    assert.match(await page.locator('#test').innerText(), /^✗ Self-test failed/);
  });
});

test('a model of columns leaves as a file and as a page', { timeout: 40 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t, DESK);
  const maker = await visit(browser, site.url);
  const { page } = maker;
  await openSample(page, 'penguins');
  await toTune(page);
  await hurry(page, '20');
  await id(page, 'start').click();
  await tuned(page);
  await id(page, 'step-use').click();
  await page.locator('#take-along-title').waitFor({ timeout: LONG_MS });
  await id(page, 'use-bill_length_mm').fill('39.1');
  await page.waitForTimeout(1_000);
  const own = new Map(await page.locator('[data-testid^="prob-"]').evaluateAll((rows) => rows.map((row) => [row.dataset.testid.slice(5), Number(row.dataset.value)])));
  assert.equal(own.size, 3);
  const model = await saved(page, 'export-burnish');
  const made = await saved(page, 'export-one_page');
  maker.assertQuiet();

  await t.test('the file opens', async (t) => {
    const guest = await visit(browser, site.url);
    await id(guest.page, 'file-input').setInputFiles(model.file);
    await id(guest.page, 'opened').waitFor({ timeout: LONG_MS });
    await id(guest.page, 'opened-cell-bill_length_mm').fill('39.1');
    await guest.page.waitForTimeout(1_500);
    const there = await openedShares(guest.page);
    const most = Math.max(...[...own].map(([label, share]) => Math.abs(share - there.get(label))));
    t.diagnostic(`largest difference ${most}`);
    assert.ok(most <= TOLERANCE, `${most}`);
    await id(guest.page, 'opened-explain').click();
    await id(guest.page, 'explained-answer').waitFor({ timeout: LONG_MS });
    assert.match(await guest.page.locator('#opened-why').innerText(), /a usual row/);
    await guest.shots('opened-columns');
    guest.assertQuiet();
  });

  await t.test('the page opens from the disk without a network', async (t) => {
    const { size } = await stat(made.file);
    t.diagnostic(`one-file page: ${size} bytes`);
    assert.ok(size < 6_000_000, `${size} bytes`);
    const seen = await openPage(t, made.file);
    await seen.page.locator('[data-column="bill_length_mm"]').fill('39.1');
    await seen.page.waitForTimeout(1_500);
    const there = new Map(await seen.page.locator('tr[data-label]').evaluateAll((rows) => rows.map((row) => [row.dataset.label, Number(row.dataset.value)])));
    const most = Math.max(...[...own].map(([label, share]) => Math.abs(share - there.get(label))));
    t.diagnostic(`largest difference ${most}`);
    assert.ok(most <= TOLERANCE, `${most}`);
    await seen.page.locator('#explain').click();
    await seen.page.locator('.shares mark').first().waitFor({ timeout: LONG_MS });
    await seen.shots('one-page-columns');
    assert.deepEqual(seen.errors, []);
  });
});
