// burnish.js: its types are true, and the example page that is built on it
// trains, predicts, explains, scores and exports on the real weights.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DIST, NODE_MODULES, startBrowser, startSite, visit } from './harness.mjs';
import { cells, fewIntents, savedBy } from './steps.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));

/** What a run may take on a slow machine under load. */
const LONG_MS = 15 * 60_000;

const at = (page, id) => page.locator(`#${id}`);

test('the types are what tsc takes them for', () => {
  const flags = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2022,dom,dom.iterable'];
  const tsc = path.join(NODE_MODULES, 'typescript', 'bin', 'tsc');
  try {
    execFileSync('node', [tsc, ...flags, path.join(HERE, 'library.types.ts')], { encoding: 'utf8' });
  } catch (error) {
    assert.fail(error.stdout);
  }
});

test('the example page trains a model by the library', { timeout: 40 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } });
  const seen = await visit(browser, `${site.url}example.html`, { ready: false });
  const { page } = seen;
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true', undefined, { timeout: 60_000 });
  await seen.shots('example');

  await t.test('what the types name is there, and nothing else', async () => {
    const types = await readFile(path.join(DIST, 'burnish.d.ts'), 'utf8');
    const declared = [...types.matchAll(/^export declare (?:class|const|function) (\w+)/gm)].map(([, name]) => name).sort();
    const there = await page.evaluate(async () => {
      const library = await import('./burnish.js');
      const burnish = await library.start();
      const table = await burnish.open('text,label\na,b\n');
      const methods = (one) => Object.getOwnPropertyNames(Object.getPrototypeOf(one)).filter((name) => name !== 'constructor');
      const found = { exports: Object.keys(library).sort(), forms: [...library.FORMS], table: methods(table) };
      burnish.close();
      return found;
    });
    assert.deepEqual(there.exports, declared);
    const forms = types.match(/export type Form =([^;]+);/)[1];
    assert.deepEqual(there.forms, [...forms.matchAll(/'(\w+)'/g)].map(([, form]) => form));
    const table = types.match(/export interface BurnishTable \{([\s\S]+?)\n\}/)[1];
    assert.deepEqual(there.table.sort(), [...table.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name).sort());
  });

  await t.test('errors say what is wrong and what to do', async (t) => {
    const said = await page.evaluate(async () => {
      const { start, BurnishError } = await import('./burnish.js');
      const burnish = await start();
      const table = await burnish.open('text,label\none,a\ntwo,a\nthree,b\n');
      const tries = {
        'no table': () => burnish.open(new File([''], 'empty.csv')),
        'no model': () => burnish.open(new File(['nonsense'], 'x.burnish')),
        'no such column': () => table.train({ target: 'price' }),
        'no such method': () => table.train({ method: 'magic' }),
        'no such setting': () => table.train({ settings: { '/nothing/here': 1 } }),
        'no file': () => burnish.open(7),
      };
      const said = {};
      for (const [what, act] of Object.entries(tries)) {
        const error = await act().then(() => null, (error) => error);
        said[what] = error instanceof BurnishError ? [error.what, error.fix] : `no BurnishError: ${error}`;
      }
      burnish.close();
      const after = await burnish.open('a,b\n1,2\n').catch((error) => error);
      said['a closed worker'] = after instanceof BurnishError ? [after.what, after.fix] : 'it went on';
      return said;
    });
    for (const [what, words] of Object.entries(said)) {
      assert.ok(Array.isArray(words), `${what}: ${words}`);
      for (const sentence of words) assert.match(sentence, /\S\.$/, `${what}: ${sentence}`);
      t.diagnostic(`${what}: ${words.join(' ')}`);
    }
  });

  await t.test('a number is learned where one is proposed, and another task where it is named', async (t) => {
    const found = await page.evaluate(async () => {
      const burnish = await (await import('./burnish.js')).start({ device: 'cpu' });
      const rows = Array.from({ length: 120 }, (_, row) => `${((row * 37) % 120) / 2},${['red', 'blue'][row % 2]},${((row * 37) % 120) * 1.5 + (row % 2) * 50 + 0.25}`);
      const table = await burnish.open(['size,colour,price', ...rows].join('\n'));
      const { task, target } = table.guess;
      const tasks = async (options) => (await table.recipes(options)).map((recipe) => recipe.task);
      const [own, sets] = [await tasks(), await tasks({ target: 'colour', columns: ['size'], task: 'label_sets' })];
      const model = await table.train({ method: 'mlp', settings: { '/table/network/epochs': 40, '/table/network/folds': 1 } });
      const { metrics } = await model.evaluate();
      const said = await model.predict({ size: 40, colour: 'blue' });
      const asked = Array.from({ length: 120 }, (_, row) => `where is my parcel number ${row},how late is parcel ${row * 7},${['yes', 'no'][row % 2]}`);
      const pairs = await burnish.open(['question1,question2,same', ...asked].join('\n'));
      const texts = [undefined, ['question2', 'question1'], ['question1']];
      const compared = [];
      for (const text of texts) compared.push((await pairs.recipes(text && { text }))[0].task);
      burnish.close();
      return { task, target, own, sets, metrics, said, compared };
    });
    t.diagnostic(JSON.stringify(found));
    assert.deepEqual([found.task, found.target], ['regress', 'price']);
    assert.deepEqual([...new Set(found.own)], ['regress']);
    assert.deepEqual([...new Set(found.sets)], ['label_sets']);
    assert.deepEqual(found.compared, ['pairs', 'pairs', 'classify']);
    assert.ok(found.metrics.r2 > 0.5, JSON.stringify(found.metrics));
    assert.ok(Math.abs(found.said.value - 170) < 40, JSON.stringify(found.said));
  });

  await at(page, 'file').setInputFiles({ name: 'few.csv', mimeType: 'text/csv', buffer: Buffer.from(await fewIntents()) });
  await page.waitForFunction(() => !document.querySelector('#start').disabled, undefined, { timeout: 60_000 });
  assert.equal(await at(page, 'target').inputValue(), 'intent');
  await at(page, 'method').selectOption('head');
  await at(page, 'start').click();
  await at(page, 'explain').waitFor({ state: 'attached', timeout: LONG_MS });
  const judged = await at(page, 'judged').innerText();
  t.diagnostic(judged);
  const accuracy = Number(judged.match(/^accuracy ([\d.]+)/)[1]);
  assert.ok(accuracy >= 0.8, judged);

  const asked = 'When will my new card get here?';
  await at(page, 'field-0').fill(asked);
  await page.waitForFunction(() => document.querySelector('#said')?.textContent === 'card_arrival', undefined, { timeout: 60_000 });
  await at(page, 'explain').click();
  await page.locator('.words mark').first().waitFor({ timeout: LONG_MS });
  const marks = await page.locator('.words mark').evaluateAll((marks) => marks.map((mark) => [mark.textContent, Number(mark.dataset.share)]));
  assert.deepEqual(marks.map(([word]) => word), ['When', 'will', 'my', 'new', 'card', 'get', 'here', '?']);
  const strongest = marks.slice().sort((a, b) => b[1] - a[1])[0][0];
  assert.ok(['card', 'here', 'get', 'When', '?'].includes(strongest), JSON.stringify(marks));
  await seen.shots('example-model');

  await t.test('a table is scored, its formula cells escaped', async () => {
    const csv = 'note,text\r\n"=HYPERLINK(""http://evil.example/"")",Where is my card?\r\nplain,Please change my address\r\n';
    const { name, file } = await savedBy(page, () => at(page, 'table').setInputFiles({ name: 'new.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) }));
    assert.equal(name, 'new-predicted.csv');
    const [header, ...rows] = cells(await readFile(file));
    assert.deepEqual(header.slice(0, 3), ['note', 'text', 'prediction']);
    assert.deepEqual(rows.map((row) => row[0]), ['\'=HYPERLINK("http://evil.example/")', 'plain']);
    assert.deepEqual(rows.map((row) => row[2]), ['card_arrival', 'edit_personal_details']);
  });

  await t.test('what it exports it opens again, to the same answer', async (t) => {
    const own = Number(await page.locator('tr[data-label="card_arrival"]').getAttribute('data-value'));
    await at(page, 'form').selectOption('burnish');
    const { name, file } = await savedBy(page, () => at(page, 'save').click());
    assert.match(name, /\.burnish$/);
    await at(page, 'file').setInputFiles(file);
    await page.waitForFunction(() => document.querySelector('#opened')?.textContent.includes('predicts intent'), undefined, { timeout: 60_000 });
    await at(page, 'field-0').fill(asked);
    await page.waitForFunction(() => document.querySelector('#said')?.textContent === 'card_arrival', undefined, { timeout: 60_000 });
    const again = Number(await page.locator('tr[data-label="card_arrival"]').getAttribute('data-value'));
    t.diagnostic(`card_arrival: ${own}, and ${again} from the file`);
    assert.ok(Math.abs(own - again) <= 1e-6, `${own} and ${again}`);
    assert.match(await at(page, 'judged').innerText(), new RegExp(`^accuracy ${accuracy}`));

    const told = await page.evaluate(
      async (bytes) => {
        const burnish = await (await import('./burnish.js')).start();
        const model = await burnish.open(new File([Uint8Array.from(bytes)], 'x.burnish'));
        const text = async (options) => (await model.predictTable('text\nWhere is my card?\n', options)).text();
        const refused = await text({ abstainBelow: 2 }).catch((error) => error.what);
        const both = await text({ abstainBelow: 1, reasons: true });
        const none = await text({});
        burnish.close();
        return { refused, both, none };
      },
      [...(await readFile(file))],
    );
    assert.equal(told.refused, 'abstainBelow is no share.');
    const [header, row] = cells(Buffer.from(told.both));
    assert.deepEqual([header.slice(-2), row.at(-2)], [['abstains', 'reasons'], 'yes']);
    assert.match(row.at(-1), /"card" \+/);
    assert.deepEqual(cells(Buffer.from(told.none))[0], header.slice(0, -2));
  });
  seen.assertQuiet();
});
