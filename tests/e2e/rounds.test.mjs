// From one run to the next in the release build, with the real weights on the
// CPU and by the keyboard alone: labels are exchanged, the model finds them, a
// person mends ten with one key each, tunes again from that model and sees the
// two runs compared.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBrowser, startSite, visit } from './harness.mjs';
import { id, tuned } from './steps.mjs';

const SAMPLES = fileURLToPath(new URL('../../public/samples/', import.meta.url));

/** What a slow machine under load may take. */
const LONG_MS = 15 * 60_000;

/** Rows of each label, and every how many rows one gets another label. */
const ROWS = 60;
const EVERY = 12;

/** Labels that a person looks at. */
const MENDED = 10;

/** More presses of Tab than the page has places to stop at. */
const STOPS = 600;

const LABELS = ['cancel_transfer', 'card_arrival', 'edit_personal_details', 'passcode_forgotten', 'exchange_rate', 'transfer_timing'];

/** Presses Tab until an element that a selector fits has the focus. */
async function tabTo(page, selector) {
  for (let at = 0; at < STOPS; at += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`no way by Tab to ${selector}`);
}

/** Presses the element of this name by the keyboard. */
async function enter(page, name) {
  await page.waitForFunction((wanted) => document.querySelector(`[data-testid="${wanted}"]`)?.disabled === false, name, { timeout: LONG_MS });
  await tabTo(page, `[data-testid="${name}"]`);
  await page.keyboard.press('Enter');
}

/** Waits until a number of runs is there and the last one is over. */
async function roundTuned(page, runs) {
  await page.waitForFunction((runs) => document.querySelectorAll('[data-testid^="forget-"]').length === runs, runs, { timeout: LONG_MS });
  await tuned(page);
}

/** Rows of some labels with the label that they should have and the one that they get. */
async function exchanged() {
  const [head, ...lines] = (await readFile(path.join(SAMPLES, 'support_intents.csv'), 'utf8')).trim().split(/\r?\n/);
  const rows = [];
  const found = new Map();
  for (const line of lines) {
    const at = line.lastIndexOf(',');
    const truth = line.slice(at + 1);
    const before = found.get(truth) ?? 0;
    if (!LABELS.includes(truth) || before >= ROWS) continue;
    found.set(truth, before + 1);
    rows.push({ text: line.slice(0, at), truth, given: truth });
  }
  for (let at = 0; at < rows.length; at += EVERY) {
    const own = LABELS.indexOf(rows[at].truth);
    rows[at].given = LABELS[(own + 1 + ((at / EVERY) % (LABELS.length - 1))) % LABELS.length];
  }
  return { rows, csv: [head, ...rows.map(({ text, given }) => `${text},${given}`)].join('\n') };
}

test('labels in doubt are mended and the next round is compared, by keyboard', { timeout: 60 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } });
  const seen = await visit(browser, site.url);
  const { page } = seen;
  const { rows, csv } = await exchanged();
  const wrong = rows.filter(({ truth, given }) => truth !== given).length;
  t.diagnostic(`${rows.length} rows, ${wrong} with another label`);
  // The dialog of the operating system is the one thing that no test can type into.
  await id(page, 'file-input').setInputFiles({ name: 'exchanged.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await id(page, 'preview').waitFor();

  await enter(page, 'to-tune');
  await id(page, 'start').waitFor();
  await tabTo(page, 'input[name="method"]');
  for (let at = 0; at < 8 && !(await id(page, 'method-head').isChecked()); at += 1) await page.keyboard.press('ArrowDown');
  assert.ok(await id(page, 'method-head').isChecked());
  await enter(page, 'start');
  await roundTuned(page, 1);
  await enter(page, 'to-evaluate');
  await id(page, 'verdict').waitFor();

  await t.test('labels in doubt are found and mended with a key each', async (t) => {
    await enter(page, 'ask-suspects');
    await id(page, 'suspects').waitFor({ timeout: LONG_MS });
    await seen.shots('suspects');
    const pressed = { r: 0, k: 0, d: 0 };
    let right = 0;
    for (let at = 0; at < MENDED; at += 1) {
      const suspect = id(page, 'suspect');
      const row = Number(await suspect.getAttribute('data-row'));
      const { truth, given } = rows[row];
      const offered = (await id(page, 'suspect-r').innerText()).trim();
      const key = truth !== given && offered.endsWith(truth) ? 'r' : truth === given ? 'k' : 'd';
      if (truth !== given) right += 1;
      pressed[key] += 1;
      await page.keyboard.press(key);
      await page.waitForFunction((row) => {
        const next = document.querySelector('#suspects:not([aria-busy]) [data-testid="suspect"]');
        return next && next.dataset.row !== String(row);
      }, row, { timeout: LONG_MS });
    }
    t.diagnostic(`of the first ${MENDED}, ${right} had another label: ${pressed.r} relabelled, ${pressed.k} kept, ${pressed.d} left out`);
    assert.ok(right >= 8, `${right} of ${MENDED}`);
    assert.match(await id(page, 'suspects').innerText(), new RegExp(`${pressed.r} relabelled, ${pressed.k} kept, ${pressed.d} left out`));
    await seen.shots('suspects-mended');
  });

  await t.test('the next run goes on from this model', async () => {
    await enter(page, 'tune-again');
    assert.match(await id(page, 'goes-on-from').innerText(), /Goes on from .*run/);
    await seen.shots('goes-on-from');
    await enter(page, 'start');
    await roundTuned(page, 2);
    await enter(page, 'to-evaluate');
    await id(page, 'carried').waitFor({ timeout: LONG_MS });
    assert.match(await id(page, 'carried').innerText(), /6 labels were carried over/);
  });

  await t.test('the two runs are compared', async (t) => {
    await enter(page, 'ask-rounds');
    await id(page, 'rounds').waitFor({ timeout: LONG_MS });
    const words = await id(page, 'rounds').innerText();
    assert.match(words, /validation rows that both runs hold apart/);
    assert.match(words, /(better|worse) by [\d.]+.*\(.*to.*\)|not distinguishable/);
    assert.match(await id(page, 'fixed').innerText(), /Fixed: /);
    assert.match(await id(page, 'broken').innerText(), /Broken: /);
    t.diagnostic(words.split('\n').slice(0, 24).join(' | '));
    await seen.shots('rounds');
    await tabTo(page, '#rounds-part');
    await page.keyboard.press('ArrowDown');
    await id(page, 'rounds').filter({ hasText: 'a look at the test rows' }).waitFor({ timeout: LONG_MS });
    t.diagnostic((await id(page, 'rounds').innerText()).split('\n').slice(0, 24).join(' | '));
  });

  await t.test('settings are searched around the run that went on', async () => {
    await enter(page, 'ask-search');
    await enter(page, 'search-1');
    await page.waitForFunction(() => /Trying settings/.test(document.querySelector('#search')?.dataset.working ?? ''), undefined, { timeout: LONG_MS });
    await page.waitForTimeout(4000);
    await enter(page, 'search-stop');
    await id(page, 'trials').waitFor({ timeout: LONG_MS });
    assert.ok((await page.locator('[data-testid="trials"] tbody tr').count()) >= 1);
    await seen.shots('search-of-round');
  });

  await t.test('what was decided stands among the steps and can be undone', async () => {
    await enter(page, 'step-data');
    await enter(page, 'fold-prepare');
    await seen.shots('mended-steps');
    await page.getByText(/Mend the labels? of/).first().waitFor();
  });
  seen.assertQuiet();
});
