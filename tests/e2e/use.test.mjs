// A tuned model at work, in the release build on the CPU: every export is saved
// and is a file of its kind, a whole table is predicted, and a link that is the
// model answers the same in somebody else's browser.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { startBrowser, startSite, visit } from './harness.mjs';
import { cells, fewIntents, hurry, id, openSample, savedBy, toTune, tuned } from './steps.mjs';

/** What a run or a large file may take on a slow machine under load. */
const LONG_MS = 15 * 60_000;

/** `EVERYWHERE` of `domain::share`. */
const EVERYWHERE = 8 * 1024;

/** What a click on an element saves. */
const saved = (page, name) => savedBy(page, () => id(page, name).click());

/** Bytes of the files in an archive, after Python's zipfile found every checksum right. */
function entries(file) {
  const listing = 'import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nfor n in z.namelist(): print(z.getinfo(n).file_size, n)';
  const lines = execFileSync('python3', ['-c', listing, file], { encoding: 'utf8' }).trim().split('\n');
  return new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), Number(line.split(' ')[0])]));
}

function entry(file, name) {
  const one = 'import sys, zipfile\nsys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))';
  return execFileSync('python3', ['-c', one, file, name], { maxBuffer: 1 << 30 });
}

async function tunePenguins(page, epochs = '20') {
  await openSample(page, 'penguins');
  await toTune(page);
  await hurry(page, epochs);
  await id(page, 'start').click();
  await tuned(page);
  await id(page, 'step-use').click();
  await page.locator('#take-along-title').waitFor({ timeout: LONG_MS });
}

test('a model on columns is taken along and predicts a dropped table', { timeout: 40 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } });
  const seen = await visit(browser, site.url);
  const { page } = seen;
  await tunePenguins(page);
  await seen.shots('take-along');

  await t.test('every form is a file of its kind', async (t) => {
    for (const kind of ['onnx', 'onnx_f16', 'onnx_int8']) {
      const { name, file } = await saved(page, `export-${kind}`);
      assert.match(name, /^penguins-.*\.zip$/);
      const inside = entries(file);
      for (const wanted of ['model.onnx', 'burnish.json', 'predict.py', 'README.md']) assert.ok(inside.get(wanted) > 0, `${kind}: ${wanted}`);
      const about = JSON.parse(entry(file, 'burnish.json'));
      assert.deepEqual(about.labels, ['Adelie', 'Chinstrap', 'Gentoo']);
      t.diagnostic(`${kind}: model.onnx of ${inside.get('model.onnx')} bytes`);
    }
    const card = await saved(page, 'export-model_card');
    const words = await readFile(card.file, 'utf8');
    assert.match(words, /^---\n/);
    assert.match(words, /species/);
    assert.doesNotMatch(words, /Torgersen,39\.1/);
    const recipe = JSON.parse(await readFile((await saved(page, 'export-recipe')).file, 'utf8'));
    assert.equal((recipe.recipe ?? recipe).target, 'species');
    const ludwig = JSON.parse(await readFile((await saved(page, 'export-ludwig')).file, 'utf8'));
    assert.deepEqual(ludwig.output_features.map((feature) => [feature.name, feature.type]), [['species', 'category']]);
    for (const kind of ['peft', 'hugging_face']) {
      assert.equal(await id(page, `export-${kind}`).count(), 0, `${kind} is not for columns`);
      assert.match(await id(page, `offer-${kind}`).innerText(), /\.$/, 'and the page says why');
    }
  });

  // Columns in another order, one missing and one new, and a cell that a spreadsheet would run.
  const rows = [
    ['note', 'bill_length_mm', 'bill_depth_mm', 'flipper_length_mm', 'body_mass_g', 'sex', 'year'],
    ['=HYPERLINK("http://evil.example/")', '39.1', '18.7', '181', '3750', 'male', '2007'],
    ['plain', '48.0', '14.5', '218', '5200', 'male', '2009'],
    ['@SUM(1)', '49.0', '14.8', '220', '5300', '', '2009'],
  ];
  const csv = rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n');

  await t.test('a dropped table is predicted, columns matched by name', async () => {
    await id(page, 'batch-file').setInputFiles({ name: 'new.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await id(page, 'batch-missing').waitFor({ timeout: 60_000 });
    assert.match(await id(page, 'batch-missing').innerText(), /island/);
    assert.match(await id(page, 'batch-new').innerText(), /note/);
    assert.match(await id(page, 'batch-found').innerText(), /bill_length_mm/);
    await seen.shots('batch');
    const { name, file } = await saved(page, 'batch-save');
    assert.match(name, /predicted\.csv$/);
    const [header, ...found] = cells(await readFile(file));
    assert.deepEqual(header, [...rows[0], 'prediction', 'p_Adelie', 'p_Chinstrap', 'p_Gentoo']);
    assert.equal(found.length, 3);
    assert.deepEqual(found.map((row) => row[0]), [`'${rows[1][0]}`, 'plain', "'@SUM(1)"]);
    assert.deepEqual(found.map((row) => row[7]), ['Adelie', 'Gentoo', 'Gentoo']);
    for (const row of found) assert.ok(Math.abs(row.slice(8).reduce((sum, share) => sum + Number(share), 0) - 1) < 1e-4);
    await id(page, 'batch-raw').check();
    await page.waitForFunction(() => document.querySelector('[data-testid="batch-raw"]')?.checked);
    await page.locator('[data-part="batch"]:not([aria-busy])').waitFor();
    const [, ...raw] = cells(await readFile((await saved(page, 'batch-save')).file));
    assert.deepEqual(raw.map((row) => row[0]), [rows[1][0], 'plain', '@SUM(1)']);
  });
  assert.ok(await id(page, 'use-bill_length_mm').isVisible(), 'it is still the same step');

  const settled = () => page.locator('[data-part="batch"]:not([aria-busy])').waitFor({ timeout: LONG_MS });
  await t.test('it says which rows to look at, and why each is as it is', async (t) => {
    await id(page, 'batch-raw').uncheck();
    await settled();
    await id(page, 'batch-abstain').check();
    await id(page, 'batch-bound').waitFor({ timeout: 60_000 });
    assert.match(await id(page, 'batch-bound').innerText(), /half of the mistakes/);
    await id(page, 'batch-sure').fill('90');
    await id(page, 'batch-sure').press('Tab');
    await page.waitForFunction(() => !document.querySelector('[data-testid="batch-bound"]')?.textContent.includes('half of the mistakes'));
    await id(page, 'batch-reasons').check();
    await id(page, 'batch-first').waitFor({ timeout: LONG_MS });
    t.diagnostic(await id(page, 'batch-pace').innerText());
    t.diagnostic(await id(page, 'batch-first').innerText());
    await seen.shots('batch-reasons');
    const [header, ...found] = cells(await readFile((await saved(page, 'batch-save')).file));
    assert.deepEqual(header.slice(7), ['prediction', 'p_Adelie', 'p_Chinstrap', 'p_Gentoo', 'abstains', 'reasons']);
    for (const row of found) {
      const surest = Math.max(...row.slice(8, 11).map(Number));
      assert.equal(row[11], surest < 0.9 ? 'yes' : 'no');
      for (const reason of row[12].split('; ')) assert.match(reason, /^(bill_length_mm|bill_depth_mm|flipper_length_mm|body_mass_g|sex|year|island)=.+ [+-][0-9]+\.[0-9]{2}$/);
    }
  });

  await t.test('what takes too long is stopped', async () => {
    const [head, ...some] = csv.split('\r\n');
    const many = [head, ...Array.from({ length: 40_000 }, (_, at) => some[at % some.length])].join('\r\n');
    await id(page, 'batch-file').setInputFiles({ name: 'many.csv', mimeType: 'text/csv', buffer: Buffer.from(many) });
    await page.waitForFunction(() => document.querySelector('#batch-table')?.textContent.includes('many.csv'), undefined, { timeout: 60_000 });
    await settled();
    assert.ok(!(await id(page, 'batch-stop').isVisible()));
    await id(page, 'batch-save').click();
    await page.waitForFunction(() => document.querySelector('[data-testid="batch-save"]')?.dataset.working?.startsWith('Explaining rows'), undefined, { timeout: 60_000 });
    await seen.shot('batch-saving');
    await id(page, 'batch-stop').click();
    assert.equal(await id(page, 'batch-save').getAttribute('aria-busy'), null);
    await id(page, 'batch-reasons').uncheck();
    await settled();
    const lines = (await readFile((await saved(page, 'batch-save')).file, 'utf8')).trimEnd().split('\r\n');
    assert.match(lines[0], /,p_Gentoo,abstains$/);
    assert.equal(lines.length, 40_001);
  });

  await t.test('a bound that was chosen in Evaluate is carried over', async () => {
    await id(page, 'step-evaluate').click();
    await id(page, 'abstain-wanted').fill('99.5');
    await id(page, 'abstain-wanted').press('Tab');
    await page.waitForFunction(() => document.querySelector('[data-part="abstain"]')?.dataset.knobWanted === '99.5');
    await page.locator('[data-part="abstain"]:not([aria-busy])').waitFor();
    await id(page, 'step-use').click();
    await id(page, 'batch-bound').waitFor({ timeout: 60_000 });
    assert.match(await id(page, 'batch-bound').innerText(), /in the Evaluate step/);
    assert.ok(await id(page, 'batch-abstain').isChecked());
  });
  seen.assertQuiet();
});

test('a model on texts answers the same from a link in another browser', { timeout: 60 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const maker = await visit(await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } }), site.url);
  const { page } = maker;
  const csv = await fewIntents();
  await id(page, 'file-input').setInputFiles({ name: 'few.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await id(page, 'preview').waitFor();
  await id(page, 'to-tune').click();
  await id(page, 'method-head').check({ force: true });
  await id(page, 'start').click();
  await tuned(page);
  await id(page, 'step-use').click();
  await page.locator('#take-along-title').waitFor({ timeout: LONG_MS });

  await t.test('the Hugging Face folder has what transformers reads', async (t) => {
    const { file } = await saved(page, 'export-hugging_face');
    const inside = entries(file);
    for (const wanted of ['config.json', 'tokenizer.json', 'modules.json', '3_Dense/model.safetensors']) assert.ok(inside.has(wanted), wanted);
    const weights = entry(file, 'model.safetensors');
    const header = JSON.parse(weights.subarray(8, 8 + Number(weights.readBigUInt64LE())));
    const ends = Object.values(header).map((tensor) => tensor.data_offsets?.[1] ?? 0);
    assert.equal(8 + Number(weights.readBigUInt64LE()) + Math.max(...ends), weights.length, 'the tensors fill the file');
    assert.equal(JSON.parse(entry(file, 'config.json')).model_type, 'bert');
    t.diagnostic(`model.safetensors: ${weights.length} bytes`);
    const own = await saved(page, 'export-burnish');
    assert.match(own.name, /\.burnish$/);
    assert.ok(entries(own.file).has('manifest.json'));
  });

  await t.test('a predicted table names the words that count', async (t) => {
    const rows = ['note,text', 'a,Where is my new card?', 'b,Please cancel the transfer I made', 'c,=1+1'];
    await id(page, 'batch-file').setInputFiles({ name: 'new.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) });
    await id(page, 'batch-found').waitFor({ timeout: 60_000 });
    await id(page, 'batch-reasons').check();
    await id(page, 'batch-first').waitFor({ timeout: LONG_MS });
    t.diagnostic(await id(page, 'batch-pace').innerText());
    const [header, ...found] = cells(await readFile((await saved(page, 'batch-save')).file));
    assert.equal(header.at(-1), 'reasons');
    assert.match(found[0].at(-1), /"card" \+/);
    assert.match(found[1].at(-1), /"(cancel|transfer)" \+/);
    for (const row of found) assert.match(row.at(-1), /^"[^"]+" [+-][0-9]+\.[0-9]{2}(; "[^"]+" [+-][0-9]+\.[0-9]{2}){0,2}$/);
    t.diagnostic(found[1].at(-1));
  });

  const asked = 'When will my new card get here?';
  await id(page, 'use-text').fill(asked);
  await page.waitForFunction(() => Number(document.querySelector('[data-testid="prob-card_arrival"]')?.dataset.value) > 0.4, undefined, { timeout: 60_000 });
  const own = Number(await id(page, 'prob-card_arrival').getAttribute('data-value'));

  await id(page, 'share-make').click();
  await id(page, 'share-link').waitFor({ timeout: LONG_MS });
  const settled = () => page.locator('[data-part="share"]:not([aria-busy]) [data-testid="share-link"]').waitFor({ timeout: LONG_MS });
  for (const [name, words] of [['title', 'What does this customer want?'], ['about', 'Sorts what customers of a bank ask.'], ['by', 'Ada <b>& co</b>'], ['examples', asked]]) {
    await id(page, `share-${name}`).fill(words);
    await id(page, `share-${name}`).press('Tab');
    await settled();
    await page.waitForFunction(([name, words]) => document.querySelector(`[data-testid="share-${name}"]`)?.value === words, [name, words]);
    await page.waitForTimeout(300);
    await settled();
  }
  const link = await id(page, 'share-link').inputValue();
  const frame = await id(page, 'share-frame').inputValue();
  assert.ok(link.startsWith(`${site.url}#b1.`), link.slice(0, 60));
  assert.ok(link.length <= EVERYWHERE, `${link.length} characters`);
  t.diagnostic(`${link.length} characters; ${await id(page, 'share-loss').innerText()}`);
  await id(page, 'share-inside').locator('summary').click();
  assert.match(await id(page, 'share-inside').innerText(), /cancel_transfer/);
  assert.match(await id(page, 'share-inside').innerText(), /new card get here/);
  await maker.shots('share');
  maker.assertQuiet();

  // Somebody else, with work of their own in this browser.
  const other = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } });
  const work = await visit(other, site.url);
  await tunePenguins(work.page, '5');
  await work.page.close();

  const guest = await visit(other, link);
  await id(guest.page, 'demo-start').waitFor({ timeout: LONG_MS });
  const cover = await id(guest.page, 'demo').innerText();
  assert.match(cover, /What does this customer want\?/);
  assert.match(cover, /By Ada <b>& co<\/b>/);
  assert.ok(!guest.requests.some(({ url }) => url.includes('model.safetensors')), 'nothing is fetched before a click');
  await guest.shots('demo-cover');
  await id(guest.page, 'demo-start').click();
  await id(guest.page, 'demo-label').first().waitFor({ timeout: LONG_MS });
  assert.match(await id(guest.page, 'demo-why').innerText(), /one word at a time: "\S+" [+-]\d/);
  const said = async () => {
    const rows = await guest.page.getByTestId('demo-label').evaluateAll((rows) => rows.map((row) => [row.cells[0].textContent, Number(row.querySelector('meter').getAttribute('value'))]));
    return new Map(rows);
  };
  const there = await said();
  t.diagnostic(`card_arrival: ${own} here, ${there.get('card_arrival')} from the link`);
  assert.ok(Math.abs(there.get('card_arrival') - own) < 5e-3, `${own} and ${there.get('card_arrival')}`);
  await guest.shots('demo');
  await id(guest.page, 'demo-text-0').fill('Please change my address, I moved');
  await guest.page.waitForFunction(() => document.querySelector('[data-testid="demo-label"]')?.textContent.includes('edit_personal_details'), undefined, { timeout: 60_000 });
  guest.assertQuiet();
  await guest.page.close();

  await t.test('their own work is as it was', async () => {
    const again = await visit(other, site.url);
    await id(again.page, 'kept-table').waitFor({ timeout: 60_000 });
    assert.equal(await id(again.page, 'kept-table').count(), 1);
    assert.match(await id(again.page, 'kept-table').innerText(), /penguins/);
    await id(again.page, 'kept-open').click();
    await id(again.page, 'verdict').waitFor({ timeout: 60_000 });
    // Pasted into this tab the link opens too, and Back leads home again.
    await again.page.evaluate((link) => location.assign(link), link);
    await id(again.page, 'demo-start').waitFor({ timeout: 60_000 });
    await again.page.goBack();
    await id(again.page, 'kept-table').waitFor({ timeout: 60_000 });
    again.assertQuiet();
    await again.page.close();
  });

  await t.test('a new round starts from the link', async () => {
    const forker = await visit(await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } }), link);
    await id(forker.page, 'demo-start').click({ timeout: 60_000 });
    await id(forker.page, 'opened-fork').waitFor({ state: 'attached', timeout: LONG_MS });
    await forker.shots('demo-fork');
    assert.equal(await id(forker.page, 'file-input').count(), 0, 'there is the demo and nothing else');
    await id(forker.page, 'opened-fork').setInputFiles({ name: 'own.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await id(forker.page, 'preview').waitFor({ timeout: 60_000 });
    assert.equal(forker.page.url(), site.url, 'the link is in the address no longer');
    await toTune(forker.page);
    assert.match(await id(forker.page, 'goes-on-from').innerText(), /Goes on from the demo "What does this customer want\?"\./);
    await id(forker.page, 'method-head').check({ force: true });
    await forker.shots('demo-forked');
    await id(forker.page, 'start').click();
    await tuned(forker.page);
    await id(forker.page, 'to-evaluate').click();
    await id(forker.page, 'verdict').waitFor({ timeout: 60_000 });
    assert.match(await id(forker.page, 'carried').innerText(), /What does this customer want\?/);
    forker.assertQuiet();
    await forker.page.close();
  });

  await t.test('another site shows the demo in a frame, and nothing else of the page', async (t) => {
    assert.match(frame, /^<iframe src="[^"]*embed\.html#b1\.[^"]+" title="What does this customer want\?" [^>]*><\/iframe>$/);
    const outer = async (inside) => {
      const server = createServer((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<!doctype html><title>Outer</title><body>${inside}</body>`));
      server.listen(0);
      await once(server, 'listening');
      t.after(() => server.close());
      return `http://localhost:${server.address().port}/`;
    };
    const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } });
    const guest = await visit(browser, await outer(frame), { ready: false });
    const inside = guest.page.frameLocator('iframe');
    await inside.getByTestId('demo-start').waitFor({ timeout: 60_000 });
    await guest.shots('framed-cover');
    await inside.getByTestId('demo-start').click();
    await inside.getByTestId('demo-label').first().waitFor({ timeout: LONG_MS });
    assert.match(await inside.getByTestId('demo-label').first().innerText(), /card_arrival/);
    await guest.shots('framed');
    await inside.getByTestId('demo-text-0').fill('Please change my address, I moved');
    await inside.getByTestId('demo-label').first().filter({ hasText: 'edit_personal_details' }).waitFor({ timeout: 60_000 });
    for (const name of ['opened-fork', 'file-input', 'kept-table']) assert.equal(await inside.getByTestId(name).count(), 0, name);
    const out = inside.getByTestId('demo-own-page');
    assert.deepEqual([await out.getAttribute('target'), await out.getAttribute('rel')], ['_blank', 'noopener']);
    const [own] = await Promise.all([browser.waitForEvent('page'), out.click()]);
    await own.getByTestId('demo-start').waitFor({ timeout: 60_000 });
    assert.equal(own.url(), link);
    assert.deepEqual(guest.errors, []);

    // The page itself stands in no frame.
    const refused = await visit(browser, await outer(`<iframe src="${link}"></iframe>`), { ready: false });
    await refused.page.waitForFunction(() => document.readyState === 'complete');
    await refused.page.waitForTimeout(500);
    assert.ok(refused.errors.some((words) => /frame-ancestors/.test(words)), refused.errors.join('\n'));
    assert.equal(await refused.page.frameLocator('iframe').getByTestId('demo-start').count(), 0);
  });

  await t.test('a broken link says so', async () => {
    for (const [what, broken, wanted] of [
      ['a cut one', link.slice(0, -40), /cannot be opened/],
      ['a changed one', link.replace(/.(?=.{200}$)/, (letter) => (letter === 'A' ? 'B' : 'A')), /cannot be opened/],
      ['one of a later version', link.replace('#b1.', '#b9.'), /cannot be opened/],
      ['nonsense', `${site.url}#b1.%3Cscript%3E`, /cannot be opened/],
    ]) {
      const tab = await visit(other, broken);
      const alert = tab.page.locator('[role="alert"]').first();
      await alert.waitFor({ timeout: 60_000 });
      const words = await alert.innerText();
      assert.match(words, wanted, what);
      t.diagnostic(`${what}: ${words}`);
      tab.assertQuiet();
      if (what === 'a cut one') await tab.shots('demo-broken');
      await tab.page.close();
    }
  });
});
