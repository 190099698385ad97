// Both workers of the release build, spoken to by their protocol, in Chromium:
// parity of the real weights, and WebGPU beside the CPU.
//
// WebGPU is software here (SwiftShader): right, and very slow. So the real
// model gets what proves it and no more.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { startBrowser, startSite, visit } from './harness.mjs';

const fixture = (name) => readFile(new URL(`../fixtures/${name}`, import.meta.url));

/** Rows of a tensor of f32 in a safetensors file. */
async function tensor(file, name) {
  const bytes = await fixture(file);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + headerBytes).toString());
  const { shape, data_offsets: [start, end], dtype } = header[name];
  assert.equal(dtype, 'F32');
  const data = bytes.subarray(8 + headerBytes + start, 8 + headerBytes + end);
  const numbers = Array.from({ length: data.length / 4 }, (_, at) => data.readFloatLE(at * 4));
  return Array.from({ length: shape[0] }, (_, row) => numbers.slice(row * shape[1], (row + 1) * shape[1]));
}

const unit = (row) => {
  const length = Math.hypot(...row);
  return row.map((x) => x / length);
};

const largestDifference = (a, b) => Math.max(...a.map((row, at) => Math.max(...row.map((x, column) => Math.abs(x - b[at][column])))));

/**
 * Starts a worker in a page. A message is an object of one key, its name. `ask(command, until)`
 * answers with the body of the first event of that name, a run's own events included.
 */
async function startWorker(t, { webgpu }) {
  const site = await startSite(t);
  const browser = await startBrowser(t, { webgpu });
  const seen = await visit(browser, site.url);
  const meta = webgpu ? 'burnish:worker-gpu' : 'burnish:worker';
  const { capabilities } = await seen.page.evaluate((meta) => {
    const worker = new Worker(document.querySelector(`meta[name="${meta}"]`).content, { type: 'module' });
    const heard = [];
    window.answer = (name) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const failed = heard.find((event) => event.failed);
          if (failed) return reject(new Error(failed.failed.failure.what));
          const at = heard.findIndex((event) => event[name] ?? event.run?.event[name]);
          if (at < 0) return setTimeout(look, 50);
          const [event] = heard.splice(at, 1);
          resolve(event[name] ?? event.run.event[name]);
        };
        look();
      });
    worker.onmessage = (message) => heard.push(message.data);
    worker.onerror = (error) => heard.push({ failed: { failure: { what: error.message ?? 'the worker crashed' } } });
    window.tell = (command) => worker.postMessage([command, []]);
    return window.answer('ready');
  }, meta);
  const ask = (command, until) =>
    seen.page.evaluate(([command, until]) => (window.tell(command), window.answer(until)), [command, until]);
  return { capabilities, ask };
}

/** Beyond this many tokens a batch takes minutes on a graphics processor in software. */
const LONG = 64;

async function parity(t, { ask }, { longOnes }) {
  const texts = JSON.parse(await fixture('parity_texts.json')).texts.map(({ text }) => text);
  const lengths = JSON.parse(await fixture('parity_tokens.json')).texts.map(({ ids }) => ids.length);
  const all = texts.map((_, at) => at);
  const short = all.filter((at) => lengths[at] <= LONG);
  const long = all.filter((at) => lengths[at] > LONG);
  const embed = async (rows) => {
    const command = { request: 1, base_model: 'all-MiniLM-L6-v2', texts: rows.map((at) => texts[at]), max_tokens: 256 };
    return (await ask({ embed: command }, 'embedded')).vectors;
  };
  const rows = [short, long.slice(0, longOnes)];
  const vectors = [...(await embed(rows[0])), ...(await embed(rows[1]))];
  const reference = async (name) => {
    const all = (await tensor('parity_embeddings.safetensors', name)).map(unit);
    return rows.flat().map((at) => all[at]);
  };
  assert.equal(vectors.length, rows.flat().length);
  const toF32 = largestDifference(vectors, await reference('pooled'));
  const toF16 = largestDifference(vectors, await reference('pooled_f16_weights'));
  t.diagnostic(`${vectors.length} embeddings: ${toF32.toExponential(2)} from PyTorch with f32 weights, ${toF16.toExponential(2)} with the f16 weights that are shipped`);
  assert.ok(toF32 <= 2e-3, `${toF32}`);
  assert.ok(toF16 <= 1e-5, `${toF16}`);
}

async function deviceCheck(t, { ask }) {
  const { checks } = await ask({ check_device: { request: 2, steps: 20 } }, 'device_checked');
  assert.deepEqual(checks.map(({ method }) => method), ['head', 'lora', 'full', 'contrastive']);
  for (const { method, losses, difference } of checks) {
    t.diagnostic(`${method}, 20 steps: loss ${losses[0].toFixed(4)} to ${losses[19].toFixed(4)}, largest relative difference to the CPU ${difference?.toExponential(2)}`);
    assert.ok(losses.every(Number.isFinite), `${method}: ${losses}`);
    assert.ok(difference !== null && difference !== undefined && difference <= 1e-3, `${method}: ${difference}`);
    assert.ok(losses[19] < losses[0], `${method} learns`);
  }
}

/** 60 different rows of which every column to predict follows from two others. */
function shapes() {
  const lines = ['size,colour,label,price,rank,tags'];
  for (let row = 0; row < 60; row += 1) {
    const [size, red] = [(row * 7 % 60) / 6, row % 2 === 0];
    const tags = [red ? 'red' : 'blue', ...(size > 4 ? ['large'] : [])];
    lines.push([size.toFixed(2), red ? 'red' : 'blue', size > 4 ? 'large' : 'small', (size * 10.5 + (red ? 3 : 0)).toFixed(2), Math.floor(size / 4), tags.join(';')].join(','));
  }
  return lines.join('\n');
}

/** Tasks on an open table by a tiny network: losses that fall, and an answer for one row. */
async function everyTask(t, { ask }, suggest, tasks, network, row, first) {
  const { recipe: plain, issues } = await ask({ suggest: { ...suggest, target: tasks[0][1] } }, 'suggested');
  assert.ok(plain, JSON.stringify(issues));
  let run = first;
  for (const [task, target, shape] of tasks) {
    run += 1;
    const { recipe, issues } = await ask({ suggest: { ...suggest, target, decided: { ...plain, task } } }, 'suggested');
    assert.ok(recipe, JSON.stringify(issues));
    Object.assign(recipe.table.network, { members: 4, width: 8, folds: 1, patience: 0, ...network });
    const { summary } = await ask({ train: { run, table: suggest.table, recipe } }, 'finished');
    const losses = summary.epochs.map(({ train_loss }) => train_loss);
    t.diagnostic(`${task}: losses ${losses.map((loss) => loss.toFixed(4)).join(', ')}`);
    assert.ok(losses.every(Number.isFinite) && losses.at(-1) < losses[0], `${task}: ${losses}`);
    const { answer } = await ask({ ask_run: { run, request: run, question: { predict: { row } } } }, 'run_answered');
    assert.ok(shape in answer.Ok.predicted.prediction, JSON.stringify(answer));
  }
}

/** Every task of a table. */
async function tables(t, worker) {
  await worker.ask({ open_table: { table: 7, name: 'shapes.csv', source: { text: { text: shapes() } }, options: {} } }, 'table_opened');
  const suggest = { table: 7, text: [], columns: ['size', 'colour'] };
  const tasks = [['classify', 'label', 'labels'], ['regress', 'price', 'number'], ['rank', 'rank', 'labels'], ['label_sets', 'tags', 'label_set']];
  await everyTask(t, worker, suggest, tasks, { epochs: 4, batch_size: 16 }, [['size', '9'], ['colour', 'red']], 100);
}

/** Texts compared beside each other, by a label and by a number, with the real encoder. */
async function pairs(t, worker) {
  const [food, cars] = [['soup', 'bread', 'curry', 'salad'], ['an engine', 'a brake', 'a tyre', 'a clutch']];
  const all = [...food, ...cars];
  const rows = all.flatMap((one, at) => all.slice(at + 1).map((other) => [one, other, food.includes(one) === food.includes(other)]));
  const lines = rows.map(([one, other, alike]) => `${one},${other},${alike ? 'yes' : 'no'},${alike ? 0.9 : 0.1}`);
  const text = ['first,second,same,alike', ...lines].join('\n');
  await worker.ask({ open_table: { table: 8, name: 'pairs.csv', source: { text: { text } }, options: {} } }, 'table_opened');
  const suggest = { table: 8, text: ['first', 'second'], columns: [] };
  const tasks = [['pairs', 'same', 'labels'], ['similarity', 'alike', 'number']];
  await everyTask(t, worker, suggest, tasks, { epochs: 6, batch_size: 8 }, [['first', 'soup'], ['second', 'salad']], 200);
}

/**
 * The encoder learns along with a column's network: a few steps of the real model. On WebGPU in software
 * they take minutes (BENCHMARKS.md has what they came to there).
 */
async function along(t, { ask }, table) {
  const words = ['soup', 'bread', 'curry', 'salad', 'pasta', 'rice'];
  const parts = ['engine', 'brake', 'tyre', 'clutch', 'wheel', 'mirror'];
  const rows = words.flatMap((word, at) => [`more ${word} please,${at},food`, `a new ${parts[at]},${at},car`]);
  const text = ['text,size,label', ...rows].join('\n');
  await ask({ open_table: { table, name: 'along.csv', source: { text: { text } }, options: {} } }, 'table_opened');
  const { recipe: suited, others, issues } = await ask({ suggest: { table, text: ['text'], columns: ['size'], target: 'label' } }, 'suggested');
  const recipe = [suited, ...others].find((own) => own?.table);
  assert.ok(recipe, JSON.stringify(issues));
  // As few rows as can be: what costs is a step of the encoder.
  Object.assign(recipe.split, { test: 0.67, valid: 0.17 });
  recipe.max_tokens = 16;
  recipe.table.texts = 'lora';
  Object.assign(recipe.table.network, { members: 4, width: 8, epochs: 1, dropout: 0 });
  const { summary } = await ask({ train: { run: table, table, recipe } }, 'finished');
  const losses = summary.epochs.map(({ train_loss }) => train_loss);
  t.diagnostic(`losses ${losses.map((loss) => loss.toFixed(5)).join(', ')} on ${summary.parameters.trainable} parameters`);
  assert.ok(losses.length > 2 && losses.every(Number.isFinite), `${losses}`);
  assert.ok(losses.at(-1) < losses[1], `${losses}`);
  const row = [['text', 'more soup please'], ['size', '3']];
  const { answer } = await ask({ ask_run: { run: table, request: table, question: { predict: { row } } } }, 'run_answered');
  assert.ok('labels' in answer.Ok.predicted.prediction, JSON.stringify(answer));
}

test('the CPU worker', { timeout: 20 * 60_000 }, async (t) => {
  const worker = await startWorker(t, { webgpu: false });
  assert.equal(worker.capabilities.device.kind, 'cpu');
  assert.match(worker.capabilities.device.reason, /CPU/);
  await t.test('real weights give the reference embeddings', (t) => parity(t, worker, { longOnes: 64 }));
  await t.test('a tiny model trains the same twice', (t) => deviceCheck(t, worker));
  await t.test('every task of a table', (t) => tables(t, worker));
  await t.test('two texts compared', (t) => pairs(t, worker));
  await t.test('an encoder learns along with a column', (t) => along(t, worker, 9));
});

test('the WebGPU worker', { timeout: 60 * 60_000 }, async (t) => {
  const worker = await startWorker(t, { webgpu: true });
  assert.equal(worker.capabilities.device.kind, 'web_gpu', worker.capabilities.device.reason);
  await t.test('a tiny model trains as on the CPU', (t) => deviceCheck(t, worker));
  await t.test('every task of a table', (t) => tables(t, worker));
  await t.test('two texts compared', (t) => pairs(t, worker));
  await t.test('real weights give the reference embeddings', (t) => parity(t, worker, { longOnes: 1 }));
  await t.test('the real model takes LoRA steps and its loss falls', async (t) => {
    const words = ['soup', 'bread', 'curry', 'salad', 'pasta', 'rice'];
    const parts = ['engine', 'brake', 'tyre', 'clutch', 'wheel', 'mirror'];
    const rows = words.flatMap((word, at) => [`more ${word} please,food`, `a new ${parts[at]},car`]);
    const text = ['text,label', ...rows].join('\n');
    await worker.ask({ open_table: { table: 1, name: 'steps.csv', source: { text: { text } }, options: {} } }, 'table_opened');
    const { recipe, issues } = await worker.ask({ suggest: { table: 1, text: ['text'], target: 'label' } }, 'suggested');
    assert.ok(recipe, JSON.stringify(issues));
    // Two rows for validation and eight for the test leave two to learn from,
    // always the same: two epochs are two steps on one batch of 2 x 16.
    recipe.split.test = 0.67;
    recipe.split.valid = 0.17;
    recipe.max_tokens = 16;
    Object.assign(recipe.training, { batch_size: 2, epochs: 3, warmup: 0, dropout: 0, learning_rate: 1e-3, schedule: 'constant', patience: 0 });
    recipe.tuning.method = 'lora';
    const { summary } = await worker.ask({ train: { run: 1, table: 1, recipe } }, 'finished');
    const losses = summary.epochs.map(({ train_loss }) => train_loss);
    t.diagnostic(`losses ${losses.map((loss) => loss.toFixed(5)).join(', ')} on ${summary.parameters.trainable} parameters`);
    assert.ok(losses.every(Number.isFinite), `${losses}`);
    assert.ok(losses.at(-1) < losses[0], `${losses}`);
  });
});
