// Reads a generated CSV of 10 million rows (1 GB) in headless Chromium, all of it and as samples, and prints for
// each way how fast, with how much memory, and how soon after "Cancel" the worker stops:
//
//     ./dev build && ./dev exec node scripts/bench_csv_browser.mjs [--rows 10000000] [--file KEPT.csv] [WAY...]
//
// Ways: all, first, random, cancel; without any, all four. --file keeps the CSV, or takes one that is there.
// Memory is the WebAssembly memory of the worker, which never shrinks, and the most that the process of the tab
// was ever resident in (VmHWM). Seconds are to the shown table, summaries of the columns included. No part of the tests: it takes minutes.

import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { startBrowser, visit } from '../tests/e2e/harness.mjs';
import { id } from '../tests/e2e/steps.mjs';
import { cpuOfWorkers, mega, measuredSite, memoryOfWorker, peakOfTabs } from './measured_site.mjs';

const { values: options, positionals } = parseArgs({
  options: { rows: { type: 'string', default: '10000000' }, file: { type: 'string' } },
  allowPositionals: true,
});
const ROWS = Number(options.rows);
const WAYS = positionals.length > 0 ? positionals : ['all', 'first', 'random', 'cancel'];

/** Rows that a sample keeps. */
const SAMPLED = 100_000;
const WAIT_MS = 30 * 60_000;

/** How long the page may look at the table until one can go on to tune. */
const AFTER_MS = 10 * 60_000;

// What is started is stopped in the reverse order, as a test's is.
const endings = [];
const t = { after: (end) => endings.push(end) };

/** The same numbers in every run (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A running number, names out of few, a price, a date, a flag, a text of which every fourth is in quotes. */
async function generate(file) {
  const next = random(1);
  const below = (count) => Math.floor(next() * count);
  const of = (list) => list[below(list.length)];
  const cities = ['Ulm', 'Pisa', 'Lyon', 'Graz', 'Turku', 'Bergen', 'Kraków', 'Porto', 'Gent', 'Cork', 'Brno', 'Split'];
  const labels = ['refund', 'delivery', 'account', 'other'];
  const words = 'the card order never came back from a late parcel and my refund is still missing please check again thank you very much today'.split(' ');
  const two = (number) => String(number).padStart(2, '0');
  const out = createWriteStream(file);
  out.write('id,city,price,date,open,text,label,weight\n');
  let block = [];
  for (let row = 1; row <= ROWS; row += 1) {
    let text = '';
    for (let count = 5 + below(10); count > 0; count -= 1) text += `${text === '' ? '' : ' '}${of(words)}`;
    if (next() < 0.25) text = `"${text}, ""now"""`;
    const date = `${2015 + below(10)}-${two(1 + below(12))}-${two(1 + below(28))}`;
    block.push(`${row},${of(cities)},${(below(1_000_000) / 100).toFixed(2)},${date},${next() < 0.3},${text},${of(labels)},${next() < 0.9 ? 1 + below(499) : ''}`);
    if (block.length === 10_000 || row === ROWS) {
      if (!out.write(`${block.join('\n')}\n`)) await once(out, 'drain');
      block = [];
    }
  }
  out.end();
  await once(out, 'finish');
}


/** Waits until the page says so, looking often. */
async function until(page, what, says, timeout = WAIT_MS) {
  const handle = await page.waitForFunction(says, undefined, { polling: 20, timeout });
  const value = await handle.jsonValue();
  if (typeof value === 'string') throw new Error(`${what}: ${value}`);
}

async function way(name, url, file, size) {
  const profile = await mkdtemp(path.join(tmpdir(), 'burnish-bench-'));
  const browser = await startBrowser(t, { profile });
  const seen = await visit(browser, url);
  const { page } = seen;
  // The base model is of no interest here; tests of others load it.
  await id(page, 'file-input').waitFor({ state: 'attached' });
  const worker = page.workers()[0];
  const open = () => document.querySelector('[data-testid="preview"]') !== null || document.querySelector('[data-testid="failure"]')?.textContent || false;
  const figures = {};
  let started = performance.now();
  let startedCpu = await cpuOfWorkers(profile);
  await id(page, 'file-input').setInputFiles(file);
  await id(page, 'cancel-opening').waitFor({ timeout: WAIT_MS });

  if (name === 'cancel') {
    // Three times while rows are read, and once when the columns are looked at after the last row.
    const waits = [];
    for (const share of [0.02, 0.1, 0.3, 0.999]) {
      await page.waitForFunction(
        (bytes) => {
          const said = /Reading the table: ([\d.,]+)\s(\w+)/.exec(document.querySelector('.opening')?.textContent ?? '');
          const units = { kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 };
          return said !== null && Number(said[1].replace(',', '')) * (units[said[2]] ?? 1) >= bytes;
        },
        share * size * 0.99,
        { polling: 50, timeout: WAIT_MS },
      );
      if (share > 0.9) await page.waitForTimeout(1500);
      const asked = performance.now();
      await id(page, 'cancel-opening').click();
      // The worker answers one message after the other: it is free when this one comes back.
      await worker.evaluate(() => 1);
      await id(page, 'cancel-opening').waitFor({ state: 'detached', timeout: WAIT_MS });
      waits.push(performance.now() - asked);
      console.log(`cancelled at ${share} of the file: ${waits.at(-1).toFixed(0)} ms`);
      await id(page, 'file-input').setInputFiles(file);
      await id(page, 'cancel-opening').waitFor({ timeout: WAIT_MS });
    }
    figures.cancelled = waits.map((wait) => `${wait.toFixed(0)} ms`).join(', ');
  } else {
    if (name === 'all') {
      await until(page, 'reading', open);
    } else {
      // A person who drops such a file ends the reading, and has a sample read instead.
      await until(page, 'reading', open);
      await id(page, 'fold-reading').click();
      await id(page, 'read-sample').selectOption(name);
      await id(page, 'read-rows').fill(String(SAMPLED));
      await id(page, 'read-rows').press('Tab');
      await page.waitForFunction(() => !document.querySelector('[data-testid="reading-use"]')?.disabled && document.querySelector('[data-testid="reading-preview"]') !== null, undefined, { timeout: WAIT_MS });
      started = performance.now();
      startedCpu = await cpuOfWorkers(profile);
      await id(page, 'reading-use').click();
      await page.waitForFunction(() => document.querySelector('[data-testid="reading-use"]') === null && document.querySelector('[data-testid="cancel-opening"]') === null, undefined, { polling: 20, timeout: WAIT_MS });
    }
    const readFor = (performance.now() - started) / 1000;
    const cpu = (await cpuOfWorkers(profile)) - startedCpu;
    figures.seconds = `${readFor.toFixed(1)}, of which ${cpu.toFixed(1)} on a CPU`;
    figures.speed = `${(size / 1e6 / readFor).toFixed(1)} MB of the file a second, ${(size / 1e6 / cpu).toFixed(1)} a second on a CPU`;
    figures.rows = await id(page, 'rows-said').innerText().catch(() => '');
    figures.said = await page.evaluate(() => [...document.querySelectorAll('[data-testid="issue"]')].map((issue) => issue.textContent.trim().slice(0, 160)));
    console.log(name, JSON.stringify(figures));
    // The page goes on asking about a table that is open; it has to live through that as well.
    await page
      .waitForFunction(() => document.querySelector('[data-testid="to-tune"]')?.disabled === false || document.querySelector('[data-testid="worker-down"]') !== null, undefined, { polling: 100, timeout: AFTER_MS })
      .catch(() => {});
    figures.ready = `${((performance.now() - started) / 1000).toFixed(1)} s, of which ${((await cpuOfWorkers(profile)) - startedCpu).toFixed(1)} on a CPU`;
    figures.notes = await page.evaluate(() => [...document.querySelectorAll('[data-testid="why-not"],[data-testid="toast"],[data-testid="failure"],[data-testid="worker-down"]')].map((note) => note.textContent.trim().slice(0, 200)));
  }
  figures.wasm = mega(await memoryOfWorker(page));
  figures.resident = mega(await peakOfTabs(profile));
  figures.errors = seen.errors;
  console.log(name, JSON.stringify(figures, null, 1));
  await browser.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}

const folder = await mkdtemp(path.join(tmpdir(), 'burnish-bench-'));
t.after(() => rm(folder, { recursive: true, force: true }));
try {
  const file = options.file ?? path.join(folder, 'rows.csv');
  if (!(await stat(file).catch(() => null))) await generate(file);
  const { size } = await stat(file);
  console.log(`${file}: ${size} bytes`);
  const url = await measuredSite(t, path.join(folder, 'dist'));
  for (const name of WAYS) await way(name, url, file, size);
} finally {
  for (const end of endings.reverse()) await Promise.resolve(end()).catch(() => {});
}
