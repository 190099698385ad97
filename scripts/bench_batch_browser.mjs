// Predicts the rows of a long file in headless Chromium and prints how fast, and with how much memory:
//
//     ./dev build && ./dev exec node scripts/bench_batch_browser.mjs [--rows 1000000] [--texts 10000] [WAY...]
//
// Ways: table (penguins' measures, the proposed network) and text (short messages, a head on the frozen encoder);
// without any, both. Memory is the WebAssembly memory of the worker before and after, which never shrinks, and the
// most that the process of the tab was ever resident in (VmHWM). No part of the tests: it takes minutes.

import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { startBrowser, visit } from '../tests/e2e/harness.mjs';
import { id, openSample, toTune, tuned } from '../tests/e2e/steps.mjs';
import { cpuOfWorkers, mega, measuredSite, memoryOfWorker, peakOfTabs } from './measured_site.mjs';

const { values: options, positionals } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, texts: { type: 'string', default: '10000' } },
  allowPositionals: true,
});
const SAMPLES = fileURLToPath(new URL('../public/samples/', import.meta.url));
const WAIT_MS = 60 * 60_000;

const endings = [];
const t = { after: (end) => endings.push(end) };

/** The sample's rows over and over, each with a number of its own. */
async function repeated(sample, file, count, mark) {
  const [header, ...lines] = (await readFile(path.join(SAMPLES, sample), 'utf8')).trim().split(/\r?\n/);
  const out = createWriteStream(file);
  out.write(mark.header(header));
  for (let row = 0; row < count; row += 1) {
    if (!out.write(mark.line(lines[row % lines.length], row))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

const WAYS = {
  table: {
    sample: 'penguins',
    count: Number(options.rows),
    mark: { header: (header) => `row,${header}\n`, line: (line, row) => `${row},${line}\n` },
    method: async () => {},
  },
  text: {
    sample: 'sms_spam_sample',
    count: Number(options.texts),
    // Each text is another one: one that was read before would cost nothing.
    mark: { header: (header) => `${header}\n`, line: (line, row) => line.replace(/("?),(\w+)$/, ` ${row}$1,$2\n`) },
    method: (page) => id(page, 'method-head').check({ force: true }),
  },
};

async function lines(file) {
  let count = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) count += line === '' ? 0 : 1;
  return count;
}

async function way(name, url, folder) {
  const { sample, count, mark, method } = WAYS[name];
  const file = path.join(folder, `${name}.csv`);
  await repeated(`${sample}.csv`, file, count, mark);
  const profile = await mkdtemp(path.join(tmpdir(), 'burnish-bench-'));
  const browser = await startBrowser(t, { profile, context: { viewport: { width: 1280, height: 800 } } });
  const seen = await visit(browser, url);
  const { page } = seen;
  await openSample(page, sample);
  await toTune(page);
  await method(page);
  await id(page, 'start').click();
  await tuned(page);
  await id(page, 'step-use').click();
  await id(page, 'batch-file').setInputFiles(file);
  await id(page, 'batch-save').waitFor({ timeout: WAIT_MS });
  const before = await memoryOfWorker(page);
  const startedCpu = await cpuOfWorkers(profile);
  const started = performance.now();
  const saved = page.waitForEvent('download', { timeout: WAIT_MS });
  await id(page, 'batch-save').click();
  const download = await saved;
  const seconds = (performance.now() - started) / 1000;
  const cpu = (await cpuOfWorkers(profile)) - startedCpu;
  const predicted = await download.path();
  const figures = {
    rows: (await lines(predicted)) - 1,
    file: mega((await stat(file)).size),
    predicted: mega((await stat(predicted)).size),
    seconds: seconds.toFixed(1),
    'rows a second': Math.round(count / seconds),
    'rows a second on a CPU': Math.round(count / cpu),
    'memory before': mega(before),
    'memory after': mega(await memoryOfWorker(page)),
    resident: mega(await peakOfTabs(profile)),
    errors: seen.errors,
  };
  console.log(name, JSON.stringify(figures, null, 1));
  await browser.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}

const folder = await mkdtemp(path.join(tmpdir(), 'burnish-bench-'));
t.after(() => rm(folder, { recursive: true, force: true }));
try {
  const url = await measuredSite(t, path.join(folder, 'dist'));
  for (const name of positionals.length > 0 ? positionals : Object.keys(WAYS)) await way(name, url, folder);
} finally {
  for (const end of endings.reverse()) await Promise.resolve(end()).catch(() => {});
}
