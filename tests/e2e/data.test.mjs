// Tables that are hard to show: hundreds of columns, texts of many pages, and a file in which much is wrong. On a
// desk and on a phone, light and dark, nothing is wider than the window but the table in its own frame.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser, startSite, visit } from './harness.mjs';
import { id } from './steps.mjs';

/** 300 measurements of each of 200 machines, and what became of them. */
function wide() {
  const names = Array.from({ length: 300 }, (_, column) => `sensor_${column + 1}_mean_over_the_last_hour`);
  const lines = [`${names.join(',')},state`];
  for (let row = 0; row < 200; row += 1) {
    lines.push(`${names.map((_, column) => ((row * 7919 + column * 104729) % 10007) / 100).join(',')},${row % 3 === 0 ? 'worn' : 'sound'}`);
  }
  return lines.join('\n');
}

/** 90 letters of up to 12,000 words, some without a space to break them at. */
function long() {
  const sentence = 'I write to you about the parcel that was promised for last week and that nobody here has seen since. ';
  const lines = ['letter,label'];
  for (let row = 0; row < 90; row += 1) {
    const body = row % 9 === 4 ? 'x'.repeat(3000) : `Letter ${row}: ${sentence.repeat(1 + (row * row) % 600)}`;
    lines.push(`"${body}",${row % 2 === 0 ? 'complaint' : 'question'}`);
  }
  return lines.join('\n');
}

/** Titles above, names twice and none, short and long rows, a stray quote, missing spellings, a column of nothing. */
function dirty() {
  const lines = ['Export of the help desk', '', 'ticket;text;text;;price;label;note'];
  for (let row = 0; row < 120; row += 1) {
    const label = ['refund', 'Refund ', 'delivery', 'DELIVERY'][row % 4];
    const text = row === 50 ? '"so it begins' : `case ${row} is about a ${row % 2 === 0 ? 'parcel' : 'card'}`;
    const price = row % 11 === 0 ? 'n/a' : `${row},50 €`;
    const rest = row % 40 === 7 ? '' : `;${row % 5};${price};${label};`;
    lines.push(`T-${row};${text};${row % 13 === 0 ? '?' : `said ${row % 7}`}${rest}${row % 40 === 9 ? 'left;over;cells' : ''}`);
  }
  return lines.join('\r\n');
}

const FILES = { wide: [wide(), 301], long: [long(), 2], dirty: [dirty(), 7] };
const WINDOWS = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

for (const [window, viewport] of Object.entries(WINDOWS)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`tables that are hard to show, ${window}, ${colorScheme}`, { timeout: 10 * 60_000 }, async (t) => {
      const site = await startSite(t);
      const browser = await startBrowser(t, { context: { viewport, colorScheme } });
      for (const [name, [text, columns]] of Object.entries(FILES)) {
        await t.test(name, async () => {
          const seen = await visit(browser, site.url);
          const { page } = seen;
          await id(page, 'file-input').setInputFiles({ name: `${name}.csv`, mimeType: 'text/csv', buffer: Buffer.from(text) });
          await id(page, 'preview').waitFor();
          await page.waitForFunction(() => !/Checking|Looking|Counting/.test(document.querySelector('main').innerText), undefined, { timeout: 120_000 });
          assert.equal(Number(await id(page, 'preview').getAttribute('aria-colcount')), columns);
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(width <= viewport.width, `the page is ${width} pixels wide`);
          await seen.shot(`data-${name}-${window}-${colorScheme}`);
          // The last column is reached by keys, and what its cells hold is shown whole.
          await id(page, 'preview').focus();
          for (const key of ['ArrowDown', 'End']) await page.keyboard.press(key);
          await id(page, 'whole-cell').waitFor();
          await page.waitForFunction(() => {
            const box = document.querySelector('[data-testid="preview"]');
            const cell = document.getElementById(box.getAttribute('aria-activedescendant'));
            if (cell === null) return false;
            const [outer, inner] = [box.getBoundingClientRect(), cell.getBoundingClientRect()];
            return inner.left >= outer.left - 1 && inner.right <= outer.right + 1 && inner.top >= outer.top;
          });
          for (const fold of ['fold-columns', 'fold-prepare', 'fold-leaks']) {
            await id(page, fold).focus();
            await page.keyboard.press('Enter');
          }
          await page.waitForTimeout(1500);
          const opened = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(opened <= viewport.width, `with its folds open the page is ${opened} pixels wide`);
          await seen.shot(`data-${name}-${window}-${colorScheme}-open`);
          seen.assertQuiet();
          await page.close();
        });
      }
    });
  }
}
