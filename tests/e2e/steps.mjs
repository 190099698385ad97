// What a person does on the page, as the end-to-end tests do it.

import assert from 'node:assert/strict';

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
