// What a run has learned outlives the page: a reload in the middle of it costs at most one
// interval between two checkpoints.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startBrowser, startSite, visit } from './harness.mjs';
import { id } from './steps.mjs';

const MINUTE = 60_000;

/** Two topics in words that differ from row to row. */
function topics() {
  const dishes = ['soup', 'bread', 'curry', 'salad', 'pasta', 'rice', 'cake', 'stew', 'pizza', 'beans'];
  const parts = ['engine', 'brake', 'tyre', 'clutch', 'gearbox', 'wheel', 'exhaust', 'bonnet', 'mirror', 'wiper'];
  const rows = [];
  for (const [at, dish] of dishes.entries()) {
    for (const verb of ['like', 'need', 'want']) {
      rows.push(`"I ${verb} more ${dish}, please",food`, `"They ${verb} a new ${parts[at]} for the car",car`);
    }
  }
  return `text,label\n${rows.join('\n')}\n`;
}

test('a finished run answers again after a reload, and can be removed', { timeout: 10 * MINUTE }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const first = await visit(browser, site.url);
  await id(first.page, 'file-input').setInputFiles({
    name: 'topics.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(topics()),
  });
  await id(first.page, 'to-tune').click();
  await id(first.page, 'method-head').check();
  await id(first.page, 'start').click();
  await id(first.page, 'to-evaluate').click({ timeout: 5 * MINUTE });
  const accuracy = await id(first.page, 'metric-accuracy').textContent();

  await first.page.reload();
  await id(first.page, 'kept-table').waitFor();
  assert.match(await id(first.page, 'kept-table').textContent(), /topics\.csv.*60.rows/);
  await id(first.page, 'kept-open').click();
  assert.equal(await id(first.page, 'metric-accuracy').textContent(), accuracy);
  // The next run begins where this one was.
  await id(first.page, 'step-tune').click();
  await first.page.locator('[data-testid="method-head"]:checked').waitFor({ state: 'attached', timeout: MINUTE });
  await id(first.page, 'step-use').click();
  // The model is read from the disk and the base model is built meanwhile; nobody is told to tune again.
  assert.equal(await id(first.page, 'tune-again').count(), 0);
  await id(first.page, 'use-text').fill('I want more soup and bread');
  await first.page.waitForFunction(
    () => Number(document.querySelector('[data-testid="prob-food"]')?.dataset.value) > 0.8,
  );
  assert.deepEqual(first.errors, []);

  await first.page.reload();
  await id(first.page, 'kept-forget').click();
  await id(first.page, 'kept-table').waitFor({ state: 'detached' });
  await first.page.reload();
  await id(first.page, 'drop-zone').waitFor();
  await first.page.waitForTimeout(500);
  assert.equal(await id(first.page, 'kept-table').count(), 0);
});
