// Better settings, in the release build on the CPU: searched around a run within some time, stopped
// by hand, there after a reload, and taken for the next run by a click.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startBrowser, startSite, visit } from './harness.mjs';
import { hurry, id, openSample, toTune, tuned } from './steps.mjs';

const LONG_MS = 10 * 60_000;

/** Lines of the table of trials. */
const trials = (page) => page.locator('[data-testid="trials"] tbody tr').count();

test('better settings are searched, found again and taken', { timeout: 30 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 900 } } });
  const seen = await visit(browser, site.url);
  const { page } = seen;
  await openSample(page, 'penguins');
  await toTune(page);
  await hurry(page);
  await id(page, 'start').click();
  await tuned(page);
  await id(page, 'to-evaluate').click();
  await id(page, 'ask-search').click();
  await id(page, 'search-1').waitFor({ timeout: LONG_MS });
  assert.equal(await id(page, 'search-stop').isVisible(), false);

  await t.test('it is stopped by hand, and what was found is shown', async () => {
    await id(page, 'search-1').click();
    await id(page, 'search-stop').waitFor();
    assert.equal(await id(page, 'search-1').isVisible(), false);
    await page.waitForFunction(() => /Trying settings/.test(document.querySelector('#search')?.dataset.working ?? ''), undefined, { timeout: LONG_MS });
    await page.waitForTimeout(8000);
    await id(page, 'search-stop').click();
    await id(page, 'trials').waitFor({ timeout: LONG_MS });
    assert.ok((await trials(page)) >= 1);
  });

  await t.test('it goes on until the minute is over', async () => {
    const before = await trials(page);
    await id(page, 'search-1').click();
    await id(page, 'search-stop').waitFor();
    await id(page, 'search-stop').waitFor({ state: 'hidden', timeout: LONG_MS });
    const after = await trials(page);
    assert.ok(after >= 3 && after >= before, `${before}, then ${after}`);
    assert.match(await id(page, 'settings-search').innerText(), /choices of settings tried in/);
    await seen.shots('search');
  });

  const listed = await id(page, 'trials').innerText();
  await t.test('it is there after a reload', async () => {
    await page.reload();
    await id(page, 'kept-open').click();
    await id(page, 'step-evaluate').click();
    await id(page, 'ask-search').click();
    await id(page, 'trials').waitFor({ timeout: LONG_MS });
    assert.equal(await id(page, 'trials').innerText(), listed);
  });

  await t.test('the best settings are those of the next run', async (t) => {
    const take = id(page, 'take-settings');
    if ((await take.count()) === 0) {
      t.diagnostic('none was better than the run itself');
      return;
    }
    const rate = (await page.locator('[data-testid="trials"] tr.is-best td').first().innerText()).trim();
    await take.click();
    await id(page, 'start').waitFor();
    if (!(await id(page, 'option-table-network-learning_rate').count())) await id(page, 'every-setting').click();
    const shown = await id(page, 'option-table-network-learning_rate').inputValue();
    assert.ok(Math.abs(Number(shown) - Number(rate)) <= 0.01 * Number(rate), `${shown}, ${rate}`);
  });
  seen.assertQuiet();
});
