// Burnish as a library: an ES module over the worker that the page itself uses.
//
//     import { start } from './burnish.js';
//     const burnish = await start();
//     const table = await burnish.open(file);            // a File or Blob of a CSV, or its text
//     const model = await table.train({ method: 'head' });
//     await model.predict('Where is my card?');          // { label, probability, probabilities, ... }
//     await model.explain('Where is my card?');          // { label, parts: [{ name, share, ... }], ... }
//     const page = await model.export('one_page');       // a File
//     burnish.close();
//
// What can go wrong rejects with a BurnishError, whose `what` says what happened and whose `fix` says what
// to do next. Types: burnish.d.ts.

/** `PROTOCOL` of src/protocol.rs: a worker that speaks another one is refused. */
const PROTOCOL = 7;

/** `TableId::BESIDE`: a table that is opened for a model to predict. */
const BESIDE = 0xffffffff;

/** Where the workers are. scripts/finish_dist.py fills in the names. */
const WORKERS = { cpu: './worker_loader.js', webgpu: './worker-gpu_loader.js' };

/** What a model can be exported as. */
export const FORMS = Object.freeze([
  'burnish',
  'one_page',
  'hugging_face',
  'peft',
  'onnx',
  'onnx_f16',
  'onnx_int8',
  'model_card',
  'recipe',
  'ludwig',
  'predictions',
  'report',
]);

/** Why something could not be done: `what` happened, and how to `fix` it. */
export class BurnishError extends Error {
  constructor(what, fix, kind = 'input') {
    super(`${what} ${fix}`.trim());
    this.name = 'BurnishError';
    this.what = what;
    this.fix = fix;
    this.kind = kind;
  }
}

const failed = ({ what, fix, kind }) => new BurnishError(what, fix, kind);
const misused = (what, fix) => new BurnishError(what, fix, 'protocol');

/** Starts a worker. Resolves once it listens. */
export async function start({ device = 'cpu', worker } = {}) {
  if (worker === undefined) {
    const address = WORKERS[device];
    if (address === undefined) throw misused(`There is no device called "${device}".`, 'Choose "cpu" or "webgpu".');
    worker = new Worker(new URL(`${address}?why=chosen`, import.meta.url), { type: 'module' });
  }
  const burnish = new Burnish(worker);
  await burnish.ready;
  return burnish;
}

/** A worker, and what is open in it. */
class Burnish {
  #worker;
  #next = 0;
  #ready;
  #gone = null;
  #tables = new Map();
  #suggestions = new Map();
  #runs = new Map();
  #requests = new Map();
  #beside = Promise.resolve();

  constructor(worker) {
    this.#worker = worker;
    this.#ready = promised();
    this.ready = this.#ready.promise;
    worker.addEventListener('message', ({ data }) => {
      const [body, parts] = Array.isArray(data) ? data : [data, []];
      this.#hear(body, parts);
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      const why = event.message ? `: ${event.message}` : '';
      this.#end(new BurnishError(`The worker has failed${why}.`, 'Start another one.', 'device'));
    });
  }

  /** Opens a table, or a model out of a `.burnish` file. */
  async open(source, { name, onProgress } = {}) {
    if (typeof source === 'string') return this.#openTable({ text: { text: source } }, name ?? 'Table', [], onProgress);
    if (!(source instanceof Blob)) throw misused('Only a text, a File or a Blob can be opened.', 'Pass one of them.');
    const file = asFile(source, name);
    if (await isModel(file)) {
      const run = this.fresh();
      await this.ask(run, { open: { name: file.name, model: 0, table: null } }, [file], onProgress);
      return this.#model(run);
    }
    return this.#openTable({ file: { attachment: 0 } }, file.name, [file], onProgress);
  }

  async #openTable(source, name, files, onProgress) {
    const table = this.fresh();
    const summary = await this.openAs(table, { source, name, files, onProgress });
    return new BurnishTable(this, table, summary);
  }

  /** Ends the worker. What is under way rejects. */
  close() {
    this.#end(new BurnishError('The worker was closed.', 'Start another one.', 'protocol'));
  }

  // --- For the classes below ------------------------------------------------

  fresh() {
    this.#next += 1;
    return this.#next;
  }

  post(command, files = []) {
    if (this.#gone) throw this.#gone;
    this.#worker.postMessage([command, files]);
  }

  openAs(table, { source, name, files = [], onProgress }) {
    return this.#wait(this.#tables, table, onProgress, () => {
      this.post({ open_table: { table, name, source, options: {} } }, files);
    });
  }

  suggest(table, wanted) {
    return this.#wait(this.#suggestions, table, undefined, () => {
      this.post({ suggest: { table, decided: null, ...wanted } });
    });
  }

  async train(table, recipe, { onProgress, signal }) {
    const run = this.fresh();
    const stop = () => this.post({ stop: { run } });
    const trained = this.#wait(this.#runs, run, onProgress, () => this.post({ train: { run, table, recipe } }));
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await trained;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    return this.#model(run);
  }

  /** Asks about a run. Resolves with the answer and the parts of a file beside it. */
  ask(run, question, files = [], onProgress = undefined) {
    const request = this.fresh();
    return this.#wait(this.#requests, request, onProgress, () => {
      this.post({ ask_run: { run, request, question } }, files);
    });
  }

  async file(run, file, knobs = {}, onProgress = undefined) {
    const { answer, parts } = await this.ask(run, { file: { file, knobs } }, [], onProgress);
    const { name, kind, text, is_attached } = answer.file;
    return new File(is_attached ? parts : [text], name, { type: kind });
  }

  /** Lets one after the other open a file to predict: there is room for one. */
  alone(act) {
    const done = this.#beside.then(act, act);
    this.#beside = done.catch(() => {});
    return done;
  }

  async #model(run) {
    const summary = JSON.parse(await (await this.file(run, 'summary')).text());
    return new BurnishModel(this, run, summary);
  }

  #wait(waiting, id, onProgress, begin) {
    if (this.#gone) return Promise.reject(this.#gone);
    if (waiting.has(id)) return Promise.reject(misused('This is being answered already.', 'Wait for the first answer.'));
    const wanted = { ...promised(), onProgress };
    waiting.set(id, wanted);
    try {
      begin();
    } catch (error) {
      waiting.delete(id);
      wanted.reject(error);
    }
    return wanted.promise;
  }

  #end(error) {
    if (this.#gone) return;
    this.#gone = error;
    this.#worker.terminate();
    this.#ready.reject(error);
    this.ready.catch(() => {});
    for (const waiting of [this.#tables, this.#suggestions, this.#runs, this.#requests]) {
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    }
  }

  #hear(body, parts) {
    const [[kind, event]] = Object.entries(body);
    const take = (waiting, id) => {
      const wanted = waiting.get(id);
      waiting.delete(id);
      return wanted;
    };
    switch (kind) {
      case 'ready': {
        const { capabilities } = event;
        if (capabilities.protocol !== PROTOCOL) {
          const what = `The worker speaks version ${capabilities.protocol}, this library version ${PROTOCOL}.`;
          this.#end(new BurnishError(what, 'Take both from the same build.', 'protocol'));
          break;
        }
        this.capabilities = capabilities;
        this.#ready.resolve();
        break;
      }
      case 'table_progress':
        this.#tables.get(event.table)?.onProgress?.({ what: 'Reading the file', share: event.read / Math.max(event.total, 1) });
        break;
      case 'table_opened':
        take(this.#tables, event.table)?.resolve(event.summary);
        break;
      case 'suggested':
        take(this.#suggestions, event.table)?.resolve(event);
        break;
      case 'run':
        this.#hearRun(event.run, event.event, take);
        break;
      case 'working':
        this.#requests.get(event.request)?.onProgress?.({ what: event.what, share: event.share });
        break;
      case 'run_answered': {
        const wanted = take(this.#requests, event.request);
        if (event.answer.Err) wanted?.reject(failed(event.answer.Err));
        else wanted?.resolve({ answer: event.answer.Ok, parts });
        break;
      }
      case 'failed': {
        const { about, failure } = event;
        const error = failed(failure);
        if (about.table !== undefined) {
          take(this.#tables, about.table)?.reject(error);
          take(this.#suggestions, about.table)?.reject(error);
        } else if (about.run !== undefined) {
          take(this.#runs, about.run)?.reject(error);
        } else if (failure.kind === 'device') {
          this.#end(error);
        } else {
          // It does not say which question it is about.
          for (const { reject } of this.#requests.values()) reject(error);
          this.#requests.clear();
        }
        break;
      }
    }
  }

  #hearRun(run, event, take) {
    const name = typeof event === 'string' ? event : Object.keys(event)[0];
    const wanted = this.#runs.get(run);
    if (name === 'finished') take(this.#runs, run)?.resolve(event.finished.summary);
    else if (name === 'cancelled') {
      const what = 'The run was stopped before anything was learned.';
      take(this.#runs, run)?.reject(new BurnishError(what, 'Start it again, and let it go on for longer.'));
    } else if (name === 'phase') {
      const { phase } = event.phase;
      const what = typeof phase === 'string' ? phase : Object.keys(phase)[0];
      const { done, received, total } = typeof phase === 'string' ? {} : phase[what];
      const share = total ? (done ?? received) / total : null;
      wanted?.onProgress?.({ what, share });
    } else if (name === 'progress') {
      const { progress } = event.progress;
      const share = progress.steps ? progress.step / progress.steps : null;
      wanted?.onProgress?.({ what: 'train', share, loss: progress.loss, epoch: progress.epoch, secondsLeft: progress.seconds_left });
    }
  }
}

/** What is left of comparing two texts where others are named than those that belong beside each other. */
const ALONE = { pairs: 'classify', similarity: 'regress' };

/** A table that is open. */
class BurnishTable {
  #burnish;

  constructor(burnish, id, summary) {
    this.#burnish = burnish;
    this.id = id;
    this.name = summary.name;
    this.rows = summary.rows;
    this.columns = summary.columns.map(({ name, kind, missing, distinct }) => ({ name, kind, missing, distinct }));
    this.preview = summary.preview;
    this.guess = summary.guess;
    this.issues = summary.issues;
  }

  /** The recipes for some columns, the one that suits them best first. What is left out is proposed. */
  async recipes({ target = this.guess.target, text, columns, task } = {}) {
    if (target === null || target === undefined) {
      throw new BurnishError('No column of this table looks like one to predict.', 'Name it as `target`.');
    }
    if (task === undefined && target === this.guess.target) {
      const areThose = text === undefined || (text.length === this.guess.text.length && text.every((name) => this.guess.text.includes(name)));
      task = areThose ? this.guess.task : (ALONE[this.guess.task] ?? this.guess.task);
    }
    const without = (names) => names.filter((name) => name !== target);
    text ??= without(this.guess.text);
    columns ??= without(this.guess.columns);
    for (const name of [target, ...text, ...columns]) {
      if (!this.columns.some((column) => column.name === name)) {
        throw new BurnishError(`The table has no column "${name}".`, `Its columns are ${this.columns.map((column) => column.name).join(', ')}.`);
      }
    }
    const { recipe, others, issues } = await this.#burnish.suggest(this.id, { text, columns, target, task });
    if (!recipe) {
      const issue = issues.find((issue) => issue.severity === 'blocks') ?? issues[0];
      throw new BurnishError(issue?.what ?? 'These columns cannot be learned from.', issue?.fix ?? 'Choose others.');
    }
    return [recipe, ...others];
  }

  /** Trains a model. Rows for the test are held apart, and judge it once at the end. */
  async train({ target, text, columns, task, method, settings = {}, recipe, from, onProgress, signal } = {}) {
    if (recipe === undefined) {
      const all = await this.recipes({ target, text, columns, task });
      recipe = method === undefined ? all[0] : all.find((recipe) => wayOf(recipe) === method);
      if (!recipe) {
        throw new BurnishError(`These columns cannot be learned by "${method}".`, `Choose one of ${all.map(wayOf).join(', ')}.`);
      }
    }
    recipe = structuredClone(recipe);
    for (const [pointer, value] of Object.entries(settings)) set(recipe, pointer, value);
    if (from !== undefined) recipe.start = from.start;
    return this.#burnish.train(this.id, recipe, { onProgress, signal });
  }

  close() {
    this.#burnish.post({ close_table: { table: this.id } });
  }
}

/** A model that was trained, or that came out of a file. */
class BurnishModel {
  #burnish;
  #run;

  constructor(burnish, run, { recipe, labels, facts, start }) {
    this.#burnish = burnish;
    this.#run = run;
    this.recipe = recipe;
    this.task = recipe.task;
    this.target = recipe.target;
    this.labels = labels;
    this.inputs = facts.inputs;
    this.facts = facts;
    this.start = start;
  }

  /** How good it is on rows that it never saw. */
  async evaluate() {
    const report = JSON.parse(await (await this.#burnish.file(this.#run, 'figures')).text());
    const [found] = Object.values(report.evaluation);
    const metrics = found.metrics.length ? found.metrics : this.facts.metrics;
    return {
      metrics: Object.fromEntries(metrics.map(({ id, value }) => [id, value])),
      accuracyInterval: found.accuracy_interval ?? null,
      testRows: this.facts.parts[2] || found.rows.length,
      confusion: found.confusion?.length ? found.confusion : null,
      classes: found.classes ?? [],
      baselines: Object.fromEntries(found.baselines.map(({ id, metrics }) => [id, Object.fromEntries(metrics.map(({ id, value }) => [id, value]))])),
      report,
    };
  }

  /** What it says of a row: an object of cells by column, or the text where it reads nothing else. Of a list of rows, a list. */
  async predict(row) {
    if (Array.isArray(row)) {
      const said = [];
      for (const one of row) said.push(await this.predict(one));
      return said;
    }
    const cells = this.#cells(row);
    const { answer } = await this.#burnish.ask(this.#run, { predict: { row: cells } });
    return this.#told(answer.predicted);
  }

  /** Predicts a whole table: a CSV as text, File or Blob, or a table that is open. Resolves with a CSV as a File. */
  async predictTable(source, { name, raw = false, abstainBelow, reasons = false, onProgress } = {}) {
    const knobs = { raw: String(raw), reasons: String(reasons), abstain: String(abstainBelow !== undefined) };
    if (abstainBelow !== undefined) {
      if (!(abstainBelow >= 0 && abstainBelow <= 1)) throw misused('abstainBelow is no share.', 'Pass a number from 0 to 1.');
      knobs.sure = String(abstainBelow * 100);
    }
    const score = (table) => this.#burnish.file(this.#run, 'batch', { ...knobs, table: String(table) }, onProgress);
    if (source instanceof BurnishTable) return score(source.id);
    const file = asFile(typeof source === 'string' ? new Blob([source], { type: 'text/csv' }) : source, name);
    return this.#burnish.alone(async () => {
      const opened = { source: { file: { attachment: 0 } }, name: file.name, files: [file], onProgress };
      const summary = await this.#burnish.openAs(BESIDE, opened);
      const has = (input) => summary.columns.some((column) => column.name === input.column);
      if (!this.inputs.some(has)) {
        const wanted = this.inputs.map((input) => input.column).join(', ');
        throw new BurnishError('The table has none of the columns that the model reads.', `It reads ${wanted}.`);
      }
      return score(BESIDE);
    });
  }

  /** Why it answers so: what each word or column adds. */
  async explain(row, { label, method, onProgress } = {}) {
    const knobs = Object.fromEntries(this.#cells(row).map(([, cell], at) => [`cell${at}`, cell]));
    if (label !== undefined) {
      const at = this.labels.indexOf(label);
      if (at < 0) throw new BurnishError(`There is no label "${label}".`, `The labels are ${this.labels.join(', ')}.`);
      knobs.label = String(at);
    }
    if (method !== undefined) knobs.method = method;
    return JSON.parse(await (await this.#burnish.file(this.#run, 'explanation', knobs, onProgress)).text());
  }

  /** The model in another form, one of FORMS. Resolves with a File. */
  async export(form, { onProgress } = {}) {
    if (!FORMS.includes(form)) throw misused(`There is no form "${form}".`, `Choose one of ${FORMS.join(', ')}.`);
    return this.#burnish.file(this.#run, form, {}, onProgress);
  }

  close() {
    this.#burnish.post({ forget_run: { run: this.#run } });
  }

  /** Pairs of column and cell, in the order of the inputs. */
  #cells(row) {
    if (typeof row === 'string') {
      if (this.inputs.length !== 1) {
        const names = this.inputs.map((input) => input.column).join(', ');
        throw misused('This model reads several columns.', `Pass an object with ${names}.`);
      }
      return [[this.inputs[0].column, row]];
    }
    return this.inputs.map(({ column }) => [column, row[column] === undefined || row[column] === null ? '' : String(row[column])]);
  }

  #told({ prediction, tokens, is_cut }) {
    const [[shape, found]] = Object.entries(prediction);
    const more = { tokens, isCut: is_cut };
    if (shape === 'number') return { value: found.value, range: found.range ?? null, ...more };
    const probabilities = Object.fromEntries(this.labels.map((label, at) => [label, found[at]]));
    if (shape === 'label_set') return { labels: this.labels.filter((_, at) => found[at] >= 0.5), probabilities, ...more };
    const best = found.indexOf(Math.max(...found));
    return { label: this.labels[best], probability: found[best], probabilities, ...more };
  }
}

/** How a run of a recipe learns: "head", "lora", "full", "contrastive", "tabm", "mlp" or "linear". */
function wayOf(recipe) {
  return recipe.table ? recipe.table.combiner.replaceAll('_', '') : recipe.tuning.method;
}

/** Sets a value at a JSON pointer, which has to be there. */
function set(recipe, pointer, value) {
  const path = pointer.split('/').slice(1);
  const last = path.pop();
  const place = path.reduce((at, key) => at?.[key], recipe);
  if (place === null || typeof place !== 'object' || !(last in place)) {
    throw new BurnishError(`There is no setting "${pointer}".`, 'Look into `recipe` for those that there are.');
  }
  place[last] = value;
}

function asFile(blob, name) {
  if (!(blob instanceof Blob)) throw misused('Only a text, a File or a Blob can be opened.', 'Pass one of them.');
  if (blob instanceof File && (name === undefined || name === blob.name)) return blob;
  return new File([blob], name ?? 'table.csv', { type: blob.type });
}

/** A model's file is an archive whose first entry is its manifest. */
async function isModel(file) {
  if (/\.burnish$/i.test(file.name)) return true;
  const head = new Uint8Array(await file.slice(0, 64).arrayBuffer());
  const words = String.fromCharCode(...head);
  return words.startsWith('PK\x03\x04') && words.slice(30).startsWith('manifest.json');
}

function promised() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
