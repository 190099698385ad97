// A place to try a model of burnish.js: a form that answers as one types, the reasons of an answer, and a
// table to score. It imports nothing, so that a page that is one file can hold it.

/** A question is asked when nobody has typed for so long, in milliseconds. */
const PAUSE = 150;

/** Labels that are shown at the most. */
const MOST_LABELS = 12;

/** An element with attributes, properties and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element && typeof value !== 'string') element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Saves a file. */
export function save(file) {
  const address = URL.createObjectURL(file);
  make('a', { href: address, download: file.name }).click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export const percent = (share) => `${(100 * share).toFixed(1)} %`;
export const figure = (value) => value.toLocaleString('en', { maximumSignificantDigits: 5 });

/** Says what went wrong, in the place where the answer was to be. */
export function confess(place, error) {
  const words = error.what === undefined ? `This page has a bug: ${error.message}` : `${error.what} ${error.fix}`;
  place.replaceChildren(make('p', { class: 'poor', role: 'alert' }, words));
}

/** Fills an element with a place to try a model. */
export function tryModel(root, model) {
  const fields = model.inputs.map((input, at) => field(input, at, () => askLater()));
  const answer = make('div', { id: 'answer', 'aria-live': 'polite' });
  const why = make('div', { id: 'why', 'aria-live': 'polite' });
  const explain = make('button', { id: 'explain', type: 'button', onclick: () => explained() }, 'Explain this answer');
  let asked = 0;
  let timer;

  const row = () => Object.fromEntries(model.inputs.map((input, at) => [input.column, fields[at].control.value]));
  const isEmpty = () => Object.values(row()).every((cell) => cell.trim() === '');

  function askLater() {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  }

  async function ask() {
    const own = ++asked;
    why.replaceChildren();
    explain.hidden = isEmpty();
    if (isEmpty()) {
      answer.replaceChildren(make('p', { class: 'soft' }, 'The answer appears as you type.'));
      return;
    }
    try {
      const said = await model.predict(row());
      if (own === asked) answer.replaceChildren(...told(model, said));
    } catch (error) {
      if (own === asked) confess(answer, error);
    }
  }

  async function explained() {
    const own = asked;
    explain.disabled = true;
    try {
      const found = await model.explain(row());
      if (own === asked) why.replaceChildren(...reasons(found));
    } catch (error) {
      if (own === asked) confess(why, error);
    } finally {
      explain.disabled = false;
    }
  }

  root.replaceChildren(
    make('div', { class: 'fields' }, ...fields.map(({ element }) => element)),
    answer,
    make('p', { class: 'row' }, explain),
    why,
    scoring(model),
  );
  return ask();
}

function field({ column, kind, values, example }, at, changed) {
  const common = { id: `field-${at}`, 'data-column': column };
  let control;
  if (kind === 'text') control = make('textarea', { ...common, rows: 3, placeholder: 'Type or paste a text' });
  else if (kind === 'choice') {
    const options = ['', ...values].map((value) => make('option', { value }, value === '' ? 'not known' : value));
    control = make('select', common, ...options);
  } else control = make('input', { ...common, type: 'text', autocomplete: 'off', placeholder: example });
  control.value = example;
  control.addEventListener('input', changed);
  const element = make('label', { class: kind === 'text' ? 'field is-wide' : 'field' }, column, control);
  return { element, control };
}

/** An answer as elements. */
export function told(model, said) {
  const cut = said.isCut ? make('p', { class: 'soft' }, 'Longer than the model reads: the end was cut off.') : null;
  if (said.probabilities === undefined) {
    const range = said.range === null ? null : make('p', { class: 'soft' }, `Between ${figure(said.range[0])} and ${figure(said.range[1])}.`);
    return [make('p', { class: 'answer', id: 'said' }, figure(said.value)), range, cut].filter(Boolean);
  }
  const chosen = said.labels ?? [said.label];
  const order = model.labels.slice().sort((a, b) => said.probabilities[b] - said.probabilities[a]);
  const rows = order.slice(0, MOST_LABELS).map((label) => {
    const share = said.probabilities[label];
    return make(
      'tr',
      { class: chosen.includes(label) ? 'is-best' : '', 'data-label': label, 'data-value': share.toFixed(8) },
      make('th', { scope: 'row' }, label),
      make('td', { class: 'bar' }, make('meter', { min: 0, max: 1, value: share, 'aria-label': label })),
      make('td', { class: 'number' }, percent(share)),
    );
  });
  const headline = chosen.length ? chosen.join(', ') : 'None of the labels';
  return [make('p', { class: 'answer', id: 'said' }, headline), make('table', {}, make('tbody', {}, ...rows)), cut].filter(Boolean);
}

/** An explanation as elements. */
export function reasons({ label, parts, text }) {
  const most = Math.max(...parts.map(({ share }) => Math.abs(share)), 1e-12);
  const about = label === null ? 'the number' : `the log-odds of “${label}”`;
  const lead = make('p', { class: 'soft' }, `Blue speaks for it, orange against: what each ${text === null ? 'column' : 'word'} adds to ${about}.`);
  const side = (share) => (share >= 0 ? 'for' : 'against');
  const sum = ({ share }) => `${share >= 0 ? '+' : '−'}${figure(Math.abs(share))}`;
  if (text !== null) {
    const words = make('p', { class: 'words' });
    let at = 0;
    for (const part of parts) {
      words.append(text.slice(at, part.start));
      const mark = make('mark', { class: side(part.share), title: sum(part), 'data-share': String(part.share) }, text.slice(part.start, part.end));
      mark.style.setProperty('--weight', (0.6 * Math.abs(part.share)) / most);
      words.append(mark);
      at = part.end;
    }
    words.append(text.slice(at));
    return [lead, words];
  }
  const rows = parts
    .slice()
    .sort((a, b) => Math.abs(b.share) - Math.abs(a.share))
    .map((part) => {
      const mark = make('mark', { class: side(part.share), 'data-share': String(part.share) }, sum(part));
      mark.style.setProperty('--weight', (0.6 * Math.abs(part.share)) / most);
      const amount = make('td', { class: 'number words-share' }, mark);
      return make('tr', {}, make('th', { scope: 'row' }, part.name), make('td', {}, part.cell), amount);
    });
  return [lead, make('table', { class: 'shares' }, make('tbody', {}, ...rows))];
}

/** A table to score. */
function scoring(model) {
  const state = make('div', { id: 'scored', 'aria-live': 'polite' });
  const raw = make('input', { id: 'raw', type: 'checkbox' });
  const input = make('input', { id: 'table', type: 'file', class: 'hidden-input' });
  input.addEventListener('change', async () => {
    const [file] = input.files;
    input.value = '';
    if (file === undefined) return;
    const bar = make('progress', { max: 1 });
    state.replaceChildren(make('p', { class: 'soft' }, `Predicting ${file.name}`), bar);
    try {
      const onProgress = ({ share }) => {
        if (typeof share === 'number') bar.value = share;
      };
      const made = await model.predictTable(file, { raw: raw.checked, onProgress });
      const name = `${file.name.replace(/\.[^.]*$/, '')}-predicted.csv`;
      save(new File([made], name, { type: 'text/csv' }));
      state.replaceChildren(make('p', {}, `Saved as ${name}.`));
    } catch (error) {
      confess(state, error);
    }
  });
  return make(
    'section',
    { 'aria-labelledby': 'scoring-title' },
    make('h2', { id: 'scoring-title' }, 'Score a table'),
    make('p', { class: 'soft' }, 'Choose a CSV of any length: its rows come back with the prediction as added columns. Columns are matched by name.'),
    make('p', { class: 'row' }, make('label', { class: 'button' }, 'Choose a file', input)),
    make('p', { class: 'soft' }, make('label', {}, raw, ' Leave cells as they are. Otherwise a cell that a spreadsheet would run as a formula gets a \' before it.')),
    state,
  );
}
