// What burnish.js can do, on one page: open, train, evaluate, predict, explain, score, export.

import { FORMS, start } from './burnish.js';
import { confess, figure, make, percent, save, tryModel } from './try-model.js';

/** A table that the app ships. */
const SAMPLE = 'samples/support_intents.csv';

const at = (id) => document.getElementById(id);
const show = (id, isShown = true) => {
  at(id).hidden = !isShown;
};

let table = null;
let model = null;
let stopping = null;

const burnish = await start().catch((error) => {
  confess(at('opened'), error);
  throw error;
});

async function open(file) {
  for (const id of ['train', 'result', 'export']) show(id, false);
  at('opened').replaceChildren(make('p', { class: 'soft' }, `Reading ${file.name}`));
  try {
    const opened = await burnish.open(file);
    if (opened.train === undefined) {
      at('opened').replaceChildren(make('p', {}, `${file.name}: a model that predicts ${opened.target}.`));
      await present(opened);
      return;
    }
    table?.close();
    table = opened;
    const { rows, columns, guess } = table;
    at('opened').replaceChildren(make('p', {}, `${table.name}: ${rows} rows, ${columns.length} columns. ${guess.reason}`));
    at('target').replaceChildren(...columns.map(({ name }) => make('option', { value: name, selected: name === guess.target }, name)));
    await offerMethods();
    show('train');
  } catch (error) {
    confess(at('opened'), error);
  }
}

/** The ways in which the other columns can be learned from. */
async function offerMethods() {
  at('progress').replaceChildren();
  at('start').disabled = true;
  try {
    const recipes = await table.recipes({ target: at('target').value });
    at('method').replaceChildren(
      ...recipes.map((recipe) => {
        const method = recipe.table ? recipe.table.combiner.replaceAll('_', '') : recipe.tuning.method;
        return make('option', { value: method }, method);
      }),
    );
    at('start').disabled = false;
  } catch (error) {
    at('method').replaceChildren();
    confess(at('progress'), error);
  }
}

async function train() {
  stopping = new AbortController();
  const bar = make('progress', { max: 1 });
  const words = make('p', { class: 'soft' });
  at('progress').replaceChildren(words, bar);
  at('start').disabled = true;
  show('stop');
  const onProgress = ({ what, share, loss }) => {
    words.textContent = typeof loss === 'number' ? `${what}, loss ${loss.toFixed(3)}` : what;
    if (typeof share === 'number') bar.value = share;
    else bar.removeAttribute('value');
  };
  try {
    const trained = await table.train({ target: at('target').value, method: at('method').value, onProgress, signal: stopping.signal });
    at('progress').replaceChildren();
    await present(trained);
  } catch (error) {
    confess(at('progress'), error);
  } finally {
    at('start').disabled = false;
    show('stop', false);
  }
}

async function present(opened) {
  model?.close();
  model = opened;
  const { metrics, accuracyInterval, testRows } = await model.evaluate();
  const [first] = Object.entries(metrics);
  const interval = accuracyInterval === null ? '' : ` (${accuracyInterval.map(percent).join(' to ')})`;
  at('judged').textContent = first === undefined ? 'Its file does not say how good it is.' : `${first[0]} ${figure(first[1])}${interval} on ${testRows} rows that it had never seen.`;
  await tryModel(at('try'), model);
  at('form').replaceChildren(...FORMS.map((form) => make('option', { value: form }, form)));
  at('saved').replaceChildren();
  show('result');
  show('export');
}

async function take() {
  at('saved').replaceChildren(make('p', { class: 'soft' }, 'Writing the file'));
  try {
    const file = await model.export(at('form').value);
    save(file);
    at('saved').replaceChildren(make('p', {}, `Saved ${file.name}, ${file.size} bytes.`));
  } catch (error) {
    confess(at('saved'), error);
  }
}

at('file').addEventListener('change', () => {
  const [file] = at('file').files;
  at('file').value = '';
  if (file !== undefined) open(file);
});
at('sample').addEventListener('click', async () => {
  const response = await fetch(SAMPLE);
  open(new File([await response.blob()], SAMPLE.split('/').pop()));
});
at('target').addEventListener('change', offerMethods);
at('start').addEventListener('click', train);
at('stop').addEventListener('click', () => stopping?.abort());
at('save').addEventListener('click', take);
document.documentElement.dataset.ready = 'true';
