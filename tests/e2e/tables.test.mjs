// Tables in the release build, on the CPU: from a sample or a dropped file to a
// model that answers a form made from the columns, every task once.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { startBrowser, startSite, visit } from './harness.mjs';
import { hurry, id, openFile, openSample, toTune, tuned } from './steps.mjs';

test('a sample without texts becomes a classifier that answers a form', { timeout: 30 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } });
  const seen = await visit(browser, site.url);
  const { page } = seen;
  await seen.shots('first-visit');
  await openSample(page, 'penguins');

  await t.test('the Data step settles without a text column', async () => {
    assert.equal(await id(page, 'column-target').inputValue(), 'species');
    assert.ok(await id(page, 'column-in-bill_length_mm').isChecked());
    assert.equal(await id(page, 'column-task').inputValue(), '');
    await page.waitForFunction(() => !/Checking|Looking/.test(document.querySelector('[data-testid="fold-leaks"]').textContent), undefined, { timeout: 60_000 });
    await page.waitForFunction(() => document.querySelector('[data-testid="class-count-Gentoo"]'));
  });
  await seen.shots('table-data');

  await t.test('a column can be left out and taken in again', async () => {
    const year = id(page, 'column-in-year');
    await year.click();
    await page.waitForFunction(() => !document.querySelector('[data-testid="column-in-year"]').checked);
    await year.click();
    await page.waitForFunction(() => document.querySelector('[data-testid="column-in-year"]').checked);
  });

  await toTune(page);
  const ways = await page.locator('input[name="method"]').evaluateAll((all) => all.map((one) => one.value));
  assert.deepEqual(ways, ['tabm', 'mlp', 'linear']);
  assert.ok(await id(page, 'method-tabm').isChecked(), 'TabM is the default');
  await seen.shots('table-tune');
  await hurry(page, '30');
  await id(page, 'start').click();
  await tuned(page);
  await seen.shots('table-tuned');
  await id(page, 'to-evaluate').click();
  await id(page, 'verdict').waitFor();
  const accuracy = Number((await id(page, 'verdict').innerText()).match(/(\d+\.\d)\s%/)[1]);
  t.diagnostic(`penguins: ${accuracy} % right`);
  assert.ok(accuracy > 90, `${accuracy}`);

  await t.test('the form answers as one types', async () => {
    await id(page, 'step-use').click();
    await id(page, 'use-bill_length_mm').waitFor();
    await id(page, 'use-island').selectOption('Biscoe');
    await id(page, 'use-bill_length_mm').fill('48.0');
    await id(page, 'use-bill_depth_mm').fill('14.5');
    await id(page, 'use-flipper_length_mm').fill('218');
    await id(page, 'use-body_mass_g').fill('5200');
    await page.waitForFunction(() => Number(document.querySelector('[data-testid="prob-Gentoo"]')?.dataset.value) > 0.6);
    await id(page, 'use-island').selectOption('Torgersen');
    await id(page, 'use-bill_length_mm').fill('38.0');
    await id(page, 'use-bill_depth_mm').fill('18.7');
    await id(page, 'use-flipper_length_mm').fill('185');
    await id(page, 'use-body_mass_g').fill('3600');
    await page.waitForFunction(() => Number(document.querySelector('[data-testid="prob-Adelie"]')?.dataset.value) > 0.6);
    await id(page, 'trial').first().click();
    await seen.shots('table-use');
  });

  await t.test('more rows are measured on columns as well', async (t) => {
    await id(page, 'step-evaluate').click();
    await id(page, 'learning-start').click();
    await id(page, 'learning').waitFor({ timeout: 10 * 60_000 });
    t.diagnostic(await id(page, 'learning').innerText());
    await seen.shots('table-learning');
  });

  await t.test('the next run goes on from this one', async () => {
    await id(page, 'step-evaluate').click();
    await id(page, 'tune-again').click();
    assert.match(await id(page, 'goes-on-from').innerText(), /Goes on from TabM/);
    await id(page, 'start').click();
    await page.waitForFunction(() => document.querySelectorAll('[data-testid^="forget-"]').length === 2, undefined, { timeout: 5 * 60_000 });
    await tuned(page);
    await id(page, 'to-evaluate').click();
    await id(page, 'carried').waitFor({ timeout: 5 * 60_000 });
    const told = await id(page, 'carried').innerText();
    assert.match(told, /Its networks go on\./);
    assert.match(told, /7 columns were carried over/);
    assert.match(told, /3 labels were carried over/);
    assert.match(told, /On \d+ test rows of the earlier run/);
    await seen.shots('table-carried');
  });
  seen.assertQuiet();
});

/** 200 rows whose label has nothing to do with their numbers, as in `tests/table_session.rs`. */
function coins() {
  const mix = (number) => {
    let mixed = Math.imul(number ^ (number >>> 16), 0x45d9f3b);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
  const lines = Array.from({ length: 200 }, (_, row) => {
    const numbers = [1, 2, 3].map((column) => ((mix(4 * row + column) % 1000) / 10).toFixed(1));
    return [...numbers, ['heads', 'tails'][mix(4 * row + 4) % 2]].join(',');
  });
  return ['a,b,c,side', ...lines].join('\n');
}

test('a run that learned rows by heart says which setting to turn, and turns it', { timeout: 30 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } });
  const seen = await visit(browser, site.url);
  const { page } = seen;
  const option = (name) => id(page, `option-table-network-${name}`);
  await openFile(page, { name: 'coins.csv', mimeType: 'text/csv', buffer: Buffer.from(coins()) });
  assert.equal(await id(page, 'column-target').inputValue(), 'side');
  await toTune(page);
  await hurry(page, '40');

  await t.test('one group holds all that works against it', async () => {
    const group = page.getByRole('group', { name: 'Against overfitting' });
    const names = await group.locator('input').evaluateAll((all) => all.map((one) => one.id));
    assert.deepEqual(names, [
      'option-table-network-dropout',
      'option-table-network-mixup',
      'option-table-network-label_smoothing',
      'option-table-network-weight_decay',
      'option-table-network-patience',
      'option-training-transfer-l2_sp',
    ]);
    await seen.shots('against-overfitting');
  });

  for (const [name, value] of [['dropout', '0'], ['patience', '0'], ['learning_rate', '0.01']]) {
    await option(name).fill(value);
    await option(name).press('Tab');
  }
  await id(page, 'start').click();
  await tuned(page);
  await id(page, 'to-evaluate').click();
  await id(page, 'fit').waitFor();
  assert.equal(await id(page, 'fit').innerText(), 'It overfits');
  assert.doesNotMatch(await id(page, 'turns').innerText(), /LoRA/, 'no setting that it does not have');
  await seen.shots('turns');

  await t.test('the setting is turned in the next run, and no other', async () => {
    await page.getByRole('button', { name: 'Turn to 0.2 and tune again: Mixup' }).click();
    await option('mixup').waitFor();
    assert.equal(await option('mixup').inputValue(), '0.2');
    assert.equal(await option('learning_rate').inputValue(), '0.01');
    assert.equal(await option('patience').inputValue(), '0');
    await id(page, 'start').click();
    await page.waitForFunction(() => document.querySelectorAll('[data-testid^="forget-"]').length === 2, undefined, { timeout: 5 * 60_000 });
    await tuned(page);
    await id(page, 'to-evaluate').click();
    await id(page, 'fit').waitFor();
  });
  seen.assertQuiet();
});

test('a sample of numbers becomes a regression with a range', { timeout: 30 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } });
  const seen = await visit(browser, site.url);
  const { page } = seen;
  await openSample(page, 'bike_sharing_sample');
  assert.equal(await id(page, 'column-target').inputValue(), 'cnt');
  await seen.shots('number-data');
  await toTune(page);
  await hurry(page, '12');
  await id(page, 'start').click();
  await tuned(page);
  await seen.shots('number-tuned');
  await id(page, 'step-use').click();
  await id(page, 'use-hr').waitFor();
  const answer = async (hour) => {
    await id(page, 'use-hr').fill(hour);
    const before = await id(page, 'use-top').innerText();
    await page.waitForFunction((before) => {
      const said = document.querySelector('[data-testid="use-top"]').innerText;
      return said !== before && /between/.test(said);
    }, before, { timeout: 30_000 });
    const said = await id(page, 'use-top').innerText();
    const [value, low, high] = said.replaceAll(',', '').match(/-?\d+(\.\d+)?/g).map(Number);
    assert.ok(low < value && value < high, said);
    return value;
  };
  const [night, evening] = [await answer('3'), await answer('17')];
  t.diagnostic(`bicycles at 3: ${night}, at 17: ${evening}`);
  assert.ok(evening > night + 50, `${night} at night, ${evening} in the evening`);
  await seen.shots('number-use');
  await goesOn(page);
  await seen.shots('number-evaluate');
  seen.assertQuiet();
});

/** Pairs of customers' questions, and whether both have the same intent. */
async function pairs() {
  const lines = (await readFile(new URL('../../public/samples/support_intents.csv', import.meta.url), 'utf8')).trim().split('\n').slice(1);
  const of = new Map();
  for (const line of lines) {
    const at = line.lastIndexOf(',');
    const intent = line.slice(at + 1);
    of.set(intent, [...(of.get(intent) ?? []), line.slice(0, at)]);
  }
  const sorts = ['cancel_transfer', 'card_arrival', 'edit_personal_details'].map((name) => of.get(name).slice(0, 30));
  const rows = ['question1,question2,same'];
  for (let at = 0; at < 180; at += 1) {
    const isSame = at % 2 === 0;
    const sort = at % 3;
    const other = sorts[isSame ? sort : (sort + 1 + (at % 2)) % 3];
    rows.push(`${sorts[sort][Math.floor(at / 6)]},${other[(Math.floor(at / 6) + 7) % 30]},${isSame ? 'yes' : 'no'}`);
  }
  return rows.join('\n');
}

test('two texts are compared', { timeout: 30 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } });
  const seen = await visit(browser, site.url);
  const { page } = seen;
  await openFile(page, { name: 'pairs.csv', mimeType: 'text/csv', buffer: Buffer.from(await pairs()) });
  // The names tell that the texts belong beside each other; with one of them there is nothing to compare.
  await id(page, 'guess-reason').filter({ hasText: 'texts beside each other' }).waitFor();
  const proposed = (task) => id(page, 'column-task').locator('option:checked').filter({ hasText: `${task} (proposed)` }).waitFor({ state: 'attached' });
  await proposed('Compare two texts');
  await seen.shots('pairs-data');
  await id(page, 'column-in-question2').click();
  await proposed('Choose a label');
  await id(page, 'column-in-question2').click();
  await proposed('Compare two texts');
  await page.waitForTimeout(500);
  await toTune(page);
  const ways = await page.locator('input[name="method"]').evaluateAll((all) => all.map((one) => one.value));
  assert.deepEqual(ways, ['tabm', 'mlp', 'linear']);
  await hurry(page, '40');
  await id(page, 'start').click();
  await tuned(page);
  const parted = await id(page, 'curves-part').count();
  await seen.shots('pairs-tuned');
  await id(page, 'to-evaluate').click();
  await id(page, 'verdict').waitFor();
  t.diagnostic(await id(page, 'verdict').innerText());
  const fit = await id(page, 'fit').first().innerText();
  t.diagnostic(fit);
  assert.equal(parted === 1, /overfits|by heart/.test(fit), 'Tune says of the curves what Evaluate does');
  await seen.shots('pairs-evaluate');
  await id(page, 'step-use').click();
  await id(page, 'use-text').fill('When will my new card arrive?');
  await id(page, 'use-text-question2').fill('I am still waiting for my card to come');
  const share = (label) => page.waitForFunction((label) => Number(document.querySelector(`[data-testid="prob-${label}"]`)?.dataset.value) > 0.5, label, { timeout: 60_000 });
  await share('yes');
  await id(page, 'use-text-question2').fill('Stop the transfer that I just made');
  await share('no');
  await seen.shots('pairs-use');
  seen.assertQuiet();
});

/** Whatever was learned, Evaluate shows it beside a linear model and offers to tune again from it. */
async function goesOn(page) {
  await id(page, 'step-evaluate').click();
  await id(page, 'tune-again').waitFor({ timeout: 60_000 });
  await id(page, 'baseline-linear').waitFor();
  assert.equal(await id(page, 'ask-search').count(), 1);
}

/** 160 cars: tags and grades follow from age and make. */
function cars() {
  const lines = ['make,age,km,grade,tags'];
  for (let row = 0; row < 160; row += 1) {
    const [make, age, km] = [row * 7 % 3, row * 13 % 12, row * 31 % 20 * 9000];
    const tags = [['small', 'family', 'sports'][make], ...(age > 5 ? ['old'] : [])];
    const grade = age > 8 ? 'low' : age > 3 ? 'medium' : 'high';
    lines.push([['Fiat', 'Volvo', 'Audi'][make], age, km, grade, tags.join(';')].join(','));
  }
  return lines.join('\n');
}

/** 72 tickets: how urgent one is follows from what it asks and from how long it has waited. */
async function tickets() {
  const lines = (await readFile(new URL('../../public/samples/support_intents.csv', import.meta.url), 'utf8')).trim().split('\n').slice(1);
  const of = (intent) => lines.filter((line) => line.endsWith(`,${intent}`)).map((line) => line.slice(0, line.lastIndexOf(',')));
  const asked = [of('cancel_transfer'), of('edit_personal_details')];
  const rows = ['message,days,channel,urgent'];
  for (let at = 0; at < 72; at += 1) {
    const days = at * 7 % 11;
    const isUrgent = (at % 2 === 0) === (days < 6);
    rows.push(`${asked[at % 2][Math.floor(at / 2)]},${days},${['mail', 'chat', 'phone'][at % 3]},${isUrgent ? 'yes' : 'no'}`);
  }
  return rows.join('\n');
}

/** The Tune step for tickets. */
async function toTuneTickets(t) {
  const site = await startSite(t);
  const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } });
  const seen = await visit(browser, site.url);
  const { page } = seen;
  await openFile(page, { name: 'tickets.csv', mimeType: 'text/csv', buffer: Buffer.from(await tickets()) });
  await id(page, 'column-target').selectOption('urgent');
  await page.waitForTimeout(500);
  await toTune(page);
  return seen;
}

/** The probability of an urgent ticket, as the Use step tells it. */
async function askTicket(page) {
  await id(page, 'use-text').fill('Please stop the transfer that I made a minute ago');
  await id(page, 'use-days').fill('2');
  await id(page, 'use-channel').selectOption('chat');
  const share = () => Number(document.querySelector('[data-testid="prob-yes"]')?.dataset.value);
  await page.waitForTimeout(2_000);
  await page.waitForFunction(share, undefined, { timeout: 60_000 });
  return page.evaluate(share);
}

/** Answers that a model gives before and after it is taken up again. */
async function assertKept(page) {
  await id(page, 'step-use').click();
  const before = await askTicket(page);
  await page.reload();
  await id(page, 'kept-open').click();
  await id(page, 'step-use').click();
  const after = await askTicket(page);
  assert.ok(Math.abs(after - before) < 1e-4, `${before} and ${after}`);
}

test('networks of the columns alone learn beside those that read texts', { timeout: 30 * 60_000 }, async (t) => {
  const seen = await toTuneTickets(t);
  const { page } = seen;
  await hurry(page, '20');
  const alone = page.getByText('Learn from the columns alone, too');
  assert.equal(await alone.count(), 0, 'not where one network learns');
  await id(page, 'option-table-network-folds').fill('2');
  await id(page, 'option-table-network-folds').press('Tab');
  await alone.waitFor();
  await id(page, 'every-setting').click();
  await seen.shots('mixed-frozen');
  await id(page, 'start').click();
  await tuned(page);
  await assertKept(page);
  seen.assertQuiet();
});

test('the text encoder learns along with the columns', { timeout: 30 * 60_000 }, async (t) => {
  const seen = await toTuneTickets(t);
  const { page } = seen;
  await id(page, 'method-head').check();
  assert.equal(await id(page, 'option-table-texts').count(), 0, 'a way for texts alone has its own methods');
  await id(page, 'method-tabm').check();
  await hurry(page, '20');
  assert.equal(await id(page, 'option-table-texts').count(), 1);
  assert.equal(await id(page, 'option-tuning-lora-rank').count(), 0);
  await id(page, 'option-table-texts').selectOption('lora');
  await page.getByText('Then let the text encoder learn along').waitFor();
  assert.equal(await id(page, 'option-tuning-lora-rank').inputValue(), '8');
  await id(page, 'every-setting').click();
  await seen.shots('mixed-tune');
  await id(page, 'start').click();
  await tuned(page);
  await seen.shots('mixed-tuned');
  await assertKept(page);
  seen.assertQuiet();
});

test('several labels, ranks: the other tasks of a table', { timeout: 30 * 60_000 }, async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t, { context: { viewport: { width: 1280, height: 800 } } });
  const seen = await visit(browser, site.url);
  const { page } = seen;
  await id(page, 'file-input').setInputFiles({ name: 'cars.csv', mimeType: 'text/csv', buffer: Buffer.from(cars()) });
  await id(page, 'preview').waitFor();

  await t.test('several labels', async () => {
    assert.equal(await id(page, 'column-target').inputValue(), 'tags');
    await id(page, 'column-task').selectOption('label_sets');
    await page.waitForTimeout(500);
    await toTune(page);
    await hurry(page, '40');
    await id(page, 'start').click();
    await tuned(page);
    await id(page, 'step-use').click();
    await id(page, 'use-make').selectOption('Audi');
    await id(page, 'use-age').fill('11');
    await page.waitForFunction(() => /old/.test(document.querySelector('[data-testid="use-top"]').innerText)
      && /sports/.test(document.querySelector('[data-testid="use-top"]').innerText), undefined, { timeout: 30_000 });
    for (const [label, holds] of [['old', true], ['sports', true], ['small', false], ['family', false]]) {
      assert.equal(Number(await id(page, `prob-${label}`).getAttribute('data-value')) > 0.5, holds, label);
    }
    await seen.shots('sets-use');
    await goesOn(page);
  });

  await t.test('ranks', async () => {
    await id(page, 'step-data').click();
    await id(page, 'column-target').selectOption('grade');
    await page.waitForFunction(() => /Choose a rank \(proposed\)/.test(document.querySelector('[data-testid="column-task"]').textContent), undefined, { timeout: 30_000 });
    const inOrder = (order) => page.waitForFunction((order) => {
      const rows = [...document.querySelectorAll('[data-testid^="class-count-"]')];
      return rows.map((row) => row.dataset.testid.slice('class-count-'.length)).join() === order;
    }, order, { timeout: 30_000 });
    // Not the alphabet's order; and a person may say another one.
    await inOrder('low,medium,high');
    assert.equal(await id(page, 'rank-up-low').count(), 0, 'the lowest has nowhere to go');
    await id(page, 'rank-up-high').click();
    await inOrder('low,high,medium');
    await seen.shots('ranks-data');
    await id(page, 'rank-up-medium').click();
    await inOrder('low,medium,high');
    await toTune(page);
    await hurry(page, '40');
    await id(page, 'start').click();
    await tuned(page);
    await id(page, 'step-use').click();
    await id(page, 'use-age').fill('11');
    await page.waitForFunction(() => Number(document.querySelector('[data-testid="prob-low"]')?.dataset.value) > 0.5, undefined, { timeout: 30_000 });
    await goesOn(page);
    const figures = await page.locator('main').innerText();
    assert.match(figures, /Mean error in ranks/);
    assert.match(figures, /Weighted kappa/);
    await seen.shots('ranks-evaluate');
  });
  seen.assertQuiet();
});
