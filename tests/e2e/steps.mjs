// What a person does on the page, as the end-to-end tests do it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SAMPLES = fileURLToPath(new URL('../../public/samples/', import.meta.url));

/** What a run may take on a slow machine under load. */
const RUN_MS = 25 * 60_000;

/** The elements of that `data-testid`. */
export const id = (page, name) => page.getByTestId(name);

/** Opens one of the samples of the first screen. */
export async function openSample(page, name) {
  await id(page, `sample-${name}`).click();
  await id(page, 'preview').waitFor();
}

/** Opens a file of this machine, or one that `{ name, mimeType, buffer }` describes. */
export async function openFile(page, file) {
  await id(page, 'file-input').setInputFiles(file);
  await id(page, 'preview').waitFor();
}

/** Goes to the Tune step once the data are counted. */
export async function toTune(page) {
  await page.waitForFunction(() => document.querySelector('[data-testid="to-tune"]')?.disabled === false, undefined, { timeout: 60_000 });
  await id(page, 'to-tune').click();
  await id(page, 'start').waitFor();
}

/** Makes the networks for tables small: a test of the road, not of the model. */
export async function hurry(page, epochs = '12') {
  if (!(await id(page, 'option-table-network-epochs').count())) await id(page, 'every-setting').click();
  for (const [name, value] of [['epochs', epochs], ['folds', '1'], ['members', '8'], ['width', '32']]) {
    const field = id(page, `option-table-network-${name}`);
    await field.fill(value);
    await field.press('Tab');
  }
}

/** Waits until a run has ended well, and fails with what the page says if it has not. */
export async function tuned(page) {
  const failure = id(page, 'failure');
  await id(page, 'to-evaluate').or(failure).first().waitFor({ timeout: RUN_MS });
  if (await failure.isVisible()) assert.fail(await failure.innerText());
}

/** Where saved files lie until the tests of this file are done. */
const folders = [];
process.on('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** What an action saves: its name and a path to its bytes, which bears the name's ending. */
export async function savedBy(page, act) {
  const waiting = page.waitForEvent('download', { timeout: RUN_MS });
  await act();
  const download = await waiting;
  const name = download.suggestedFilename();
  const folder = await mkdtemp(path.join(tmpdir(), 'burnish-saved-'));
  folders.push(folder);
  const file = path.join(folder, `file${path.extname(name)}`);
  await download.saveAs(file);
  return { name, file };
}

/** 160 rows of four of the intents, as a CSV. */
export async function fewIntents() {
  const lines = (await readFile(path.join(SAMPLES, 'support_intents.csv'), 'utf8')).split('\n');
  const few = lines.slice(1).filter((line) => /,(cancel_transfer|card_arrival|edit_personal_details|transfer_timing)\s*$/.test(line));
  return [lines[0], ...few.slice(0, 160)].join('\n');
}

/** Cells of a CSV, read by Python. */
export function cells(text) {
  const read = 'import csv, io, json, sys\nprint(json.dumps(list(csv.reader(io.StringIO(sys.stdin.buffer.read().decode("utf-8-sig"), newline="")))))';
  return JSON.parse(execFileSync('python3', ['-c', read], { input: text, encoding: 'utf8' }));
}
