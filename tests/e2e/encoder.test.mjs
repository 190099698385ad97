// An encoder of one's own, in the release build on the CPU: its folder is chosen on the Tune step,
// a run learns on it and answers, it is there after a reload, its model opens in another browser, and
// files that do not fit are named.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startBrowser, startSite, visit } from './harness.mjs';
import { id, openFile, savedBy, toTune, tuned } from './steps.mjs';

const ENCODERS = fileURLToPath(new URL('../fixtures/encoders/', import.meta.url));

const MINUTE = 60_000;

/** Texts in words that the tiny encoders know, a dozen a label. */
function films() {
  const rows = [];
  for (const [place, label] of [['good', 'praise'], ['bad', 'blame']]) {
    for (const who of ['the film', 'all', 'not the film']) {
      for (const how of ['was', 'was very', 'at all was', 'and was']) rows.push(`${who} ${how} ${place},${label}`);
    }
  }
  return { name: 'films.csv', mimeType: 'text/csv', buffer: Buffer.from(`text,label\n${rows.join('\n')}\n`) };
}

/** Waits until the page says that the next run starts from an encoder of one's own. */
const isOwn = (page) => page.waitForFunction(() => document.querySelector('[data-testid="encoder"]')?.value.startsWith('sha256:'), undefined, { timeout: MINUTE });

test('a run starts from an encoder that somebody brought', { timeout: 20 * MINUTE }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } });
  const seen = await visit(browser, site.url);
  const { page } = seen;
  await openFile(page, films());
  await toTune(page);

  // Few rows a label: contrastive tuning is offered as what they call for.
  const few = page.locator('label.method', { has: id(page, 'method-contrastive') });
  assert.match(await few.innerText(), /suggested here/);

  await t.test('files that do not fit are named', async () => {
    await id(page, 'encoder-files').setInputFiles([`${ENCODERS}roberta/config.json`, `${ENCODERS}roberta/tokenizer.json`]);
    await page.getByText('There is no model.safetensors among the files.').waitFor();
    assert.equal(await id(page, 'encoder').inputValue(), 'all-MiniLM-L6-v2');
  });

  await id(page, 'encoder-folder').setInputFiles(`${ENCODERS}bert_cls`);
  await isOwn(page);
  assert.match(await id(page, 'encoder-about').innerText(), /^BERT, 2 layers of width 16: a text is its first token/);
  await seen.shots('encoder');

  await id(page, 'method-contrastive').check({ force: true });
  await id(page, 'start').click();
  await tuned(page);
  await seen.shots('encoder-run');
  await id(page, 'to-evaluate').click();
  await id(page, 'metric-accuracy').waitFor();
  await id(page, 'step-use').click();
  await id(page, 'use-text').fill('the film was very good');
  const praise = () => Number(document.querySelector('[data-testid="prob-praise"]')?.dataset.value);
  await page.waitForFunction(praise);
  const before = await page.evaluate(praise);

  await t.test('it and its run are there after a reload', async () => {
    await page.reload();
    await id(page, 'kept-open').click();
    await id(page, 'step-use').click();
    await id(page, 'use-text').fill('the film was very good');
    await page.waitForFunction(praise);
    assert.ok(Math.abs((await page.evaluate(praise)) - before) < 1e-4);
    await id(page, 'step-tune').click();
    const own = await page.locator('[data-testid="encoder"] option').allInnerTexts();
    assert.deepEqual(own, ['MiniLM L6 v2', 'bert_cls']);
    // The next run begins where this one was.
    await isOwn(page);
    await page.locator('[data-testid="method-contrastive"]:checked').waitFor({ state: 'attached', timeout: MINUTE });
  });

  await t.test('a run that goes on from it has its encoder', async () => {
    await id(page, 'step-evaluate').click();
    await id(page, 'tune-again').click({ timeout: MINUTE });
    await id(page, 'goes-on-from').waitFor();
    await isOwn(page);
    const canStart = () => document.querySelector('[data-testid="start"]')?.disabled === false;
    await page.waitForFunction(canStart, undefined, { timeout: MINUTE });
    await id(page, 'encoder').selectOption('all-MiniLM-L6-v2');
    await id(page, 'why-not').filter({ hasText: 'Choose bert_cls under "Base model", or start from the base model instead.' }).waitFor();
    assert.ok(await id(page, 'start').isDisabled());
    await seen.shots('another-encoder');
    await id(page, 'encoder').selectOption({ label: 'bert_cls' });
    await page.waitForFunction(canStart);
    await id(page, 'every-setting').click();
    assert.equal(await id(page, 'option-training-transfer-rehearsal').count(), 1);
    await id(page, 'option-training-epochs').fill('2');
    await id(page, 'option-training-epochs').press('Tab');
    await id(page, 'reset-options').click();
    await isOwn(page);
    await id(page, 'start-over').click();
    await id(page, 'goes-on-from').waitFor({ state: 'detached' });
    assert.equal(await id(page, 'option-training-transfer-rehearsal').count(), 0, 'there are no old rows');
    await id(page, 'every-setting').click();
  });

  await t.test('forms that write the bundled encoder are not offered', async () => {
    await id(page, 'step-use').click();
    for (const kind of ['onnx', 'peft', 'ludwig']) {
      assert.match(await id(page, `offer-${kind}`).innerText(), /encoder of your own/);
      assert.equal(await id(page, `export-${kind}`).count(), 0);
    }
    for (const kind of ['burnish', 'hugging_face', 'model_card']) assert.ok(await id(page, `export-${kind}`).isVisible(), kind);
    assert.match(await id(page, 'offer-burnish').innerText(), /Your encoder bert_cls is inside/);
  });

  await t.test('its model opens in another browser, and a run goes on from it there', async (t) => {
    const model = await savedBy(page, () => id(page, 'export-burnish').click());
    const guest = await visit(await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } }), site.url);
    const there = guest.page;
    await id(there, 'file-input').setInputFiles(model.file);
    await id(there, 'opened').waitFor({ timeout: MINUTE });
    assert.match(await id(there, 'opened').innerText(), / on bert_cls;/);
    await id(there, 'opened-cell-text').fill('the film was very good');
    const shown = () => {
      const rows = [...document.querySelectorAll('[data-testid="demo-label"]')];
      const row = rows.find((row) => row.cells[0].textContent === 'praise');
      return Number(row?.querySelector('meter').getAttribute('value'));
    };
    await there.waitForFunction(shown, undefined, { timeout: MINUTE });
    const found = await there.evaluate(shown);
    assert.ok(Math.abs(found - before) < 1e-3, `${before} in the app, ${found} from the file`);
    await guest.shots('encoder-opened');

    await id(there, 'opened-fork').setInputFiles(films());
    await id(there, 'preview').waitFor();
    await toTune(there);
    assert.match(await id(there, 'encoder').inputValue(), /^sha256:/);
    await id(there, 'method-head').check({ force: true });
    await id(there, 'start').click();
    await tuned(there);
    assert.deepEqual(guest.errors, []);
  });
  assert.deepEqual(seen.errors, []);
});
