// Tunes the proposed network on a large table in headless Chromium and prints seconds an epoch, memory and
// how long the page's own thread was ever busy at one time:
//
//     ./dev build && ./dev exec node scripts/bench_table_browser.mjs [--rows 100000] [--columns 30] [--epochs 3]
//
// Two thirds of the columns are numbers (a tenth with gaps), the rest categories, a date and a yes and no; a label
// of two follows from some of them. Memory is the WebAssembly memory of the worker, which never shrinks, and the
// most that the process of the tab was ever resident in (VmHWM). No part of the tests: it takes minutes.

import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { startBrowser, visit } from '../tests/e2e/harness.mjs';
import { id, openFile, toTune, tuned } from '../tests/e2e/steps.mjs';
import { cpuOfWorkers, mega, measuredSite, memoryOfWorker, peakOfTabs } from './measured_site.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    columns: { type: 'string', default: '30' },
    epochs: { type: 'string', default: '3' },
  },
});
const COLUMNS = Number(options.columns);
const NUMBERS = Math.floor((COLUMNS * 2) / 3);

const endings = [];
const t = { after: (end) => endings.push(end) };

/** Park and Miller 1988, "Random number generators: good ones are hard to find". */
function random(seed) {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

async function table(file, rows) {
  const next = random(20261129);
  const out = createWriteStream(file);
  const names = Array.from({ length: COLUMNS }, (_, at) => {
    if (at < NUMBERS) return `number_${at}`;
    return at === COLUMNS - 1 ? 'day' : at === COLUMNS - 2 ? 'member' : `kind_${at}`;
  });
  out.write(`${names.join(',')},label\n`);
  for (let row = 0; row < rows; row += 1) {
    const numbers = Array.from({ length: NUMBERS }, () => next() * 100);
    const kinds = Array.from({ length: COLUMNS - NUMBERS - 2 }, (_, at) => Math.floor(next() * (5 + 5 * at)));
    const member = next() < 0.5;
    const day = new Date(Date.UTC(2020, 0, 1 + Math.floor(next() * 2000))).toISOString().slice(0, 10);
    const score = (numbers[0] - 50) / 20 + Math.sin(numbers[1] / 8) + (kinds[0] - 2) / 2 + (member ? 0.7 : -0.7) + next() * 2 - 1;
    const cells = numbers.map((number, at) => (at % 10 === 3 && next() < 0.2 ? '' : number.toFixed(3)));
    const line = [...cells, ...kinds.map((kind) => `k${kind}`), member ? 'yes' : 'no', day, score > 0 ? 'buys' : 'leaves'];
    if (!out.write(`${line.join(',')}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

const folder = await mkdtemp(path.join(tmpdir(), 'burnish-bench-'));
t.after(() => rm(folder, { recursive: true, force: true }));
try {
  const url = await measuredSite(t, path.join(folder, 'dist'));
  const file = path.join(folder, 'large.csv');
  await table(file, Number(options.rows));
  const profile = path.join(folder, 'profile');
  const browser = await startBrowser(t, { profile, context: { viewport: { width: 1280, height: 800 } } });
  const seen = await visit(browser, url);
  const { page } = seen;
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
  });
  const longest = () => page.evaluate(() => Math.max(0, ...window.longTasks));
  const clock = () => performance.now() / 1000;
  const opened = clock();
  await openFile(page, file);
  await toTune(page);
  const ready = clock() - opened;
  const busyOpening = await longest();
  await id(page, 'every-setting').click();
  const field = id(page, 'option-table-network-epochs');
  await field.fill(options.epochs);
  await field.press('Tab');
  await page.evaluate(() => window.longTasks.splice(0));
  const startedCpu = await cpuOfWorkers(profile);
  const started = clock();
  await id(page, 'start').click();
  // When each epoch begins, as the page says it.
  const began = new Map();
  const cpuAt = new Map();
  const ended = tuned(page);
  let isOver = false;
  ended.finally(() => (isOver = true));
  while (!isOver) {
    const words = await id(page, 'phase').innerText({ timeout: 1000 }).catch(() => '');
    const epoch = /[Ee]poch (\d+)/.exec(words)?.[1];
    if (epoch !== undefined && !began.has(epoch)) {
      began.set(epoch, clock());
      cpuAt.set(epoch, await cpuOfWorkers(profile));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await ended;
  const total = clock() - started;
  const between = (values) => values.slice(1).map((value, at) => value - values[at]);
  const one = (values) => values.map((value) => value.toFixed(1)).join(', ');
  await id(page, 'to-evaluate').click();
  await page.waitForTimeout(2000);
  const figures = {
    file: mega((await stat(file)).size),
    'ready to tune, s': ready.toFixed(1),
    'longest block until then, ms': Math.round(busyOpening),
    'seconds an epoch': one(between([...began.values()])),
    'seconds an epoch on a CPU': one(between([...cpuAt.values()])),
    'whole run, s': total.toFixed(1),
    'whole run on a CPU, s': ((await cpuOfWorkers(profile)) - startedCpu).toFixed(1),
    'longest block of the page while tuning, ms': Math.round(await longest()),
    'memory of the worker': mega(await memoryOfWorker(page)),
    resident: mega(await peakOfTabs(profile)),
    accuracy: (await id(page, 'metric-accuracy').innerText().catch(() => '')).replaceAll('\n', ' '),
    errors: seen.errors,
  };
  console.log(JSON.stringify(figures, null, 1));
} finally {
  for (const end of endings.reverse()) await Promise.resolve(end()).catch(() => {});
}
