// What library.test.mjs has tsc read: burnish.js as a program uses it, and as it must not be used.

import { BurnishError, FORMS, start } from '../../public/burnish.js';
import type { BurnishModel, BurnishTable, Evaluation, Explanation, Prediction } from '../../public/burnish.js';

export async function train(file: File, said: (words: string) => void): Promise<BurnishModel> {
  const burnish = await start({ device: 'cpu' });
  const table = (await burnish.open(file, { onProgress: ({ what, share }) => said(`${what} ${share ?? ''}`) })) as BurnishTable;
  const stopping = new AbortController();
  try {
    return await table.train({
      target: table.guess.target ?? 'label',
      method: 'lora',
      settings: { '/training/epochs': 2 },
      onProgress: ({ loss }) => said((loss ?? 0).toFixed(3)),
      signal: stopping.signal,
    });
  } catch (error) {
    if (error instanceof BurnishError) said(`${error.what} ${error.fix} (${error.kind})`);
    throw error;
  }
}

export async function use(model: BurnishModel): Promise<number> {
  const evaluation: Evaluation = await model.evaluate();
  const said: Prediction = await model.predict({ text: 'Where is my card?', age: 3, plan: null });
  const many: Prediction[] = await model.predict(['one', 'two']);
  const why: Explanation = await model.explain('Where is my card?', { label: model.labels[0] });
  const scored: File = await model.predictTable('text\nhello\n', { raw: true, abstainBelow: 0.5, reasons: true });
  for (const form of FORMS) await model.export(form);
  const next = await ((await (await start()).open('text,label\na,b\n')) as BurnishTable).train({ from: model });
  next.close();
  const probability = 'probability' in said ? said.probability : 'value' in said ? said.value : 0;
  return probability + many.length + why.parts[0].share + scored.size + (evaluation.metrics['accuracy'] ?? 0);
}

export async function misuse(model: BurnishModel, table: BurnishTable): Promise<void> {
  // @ts-expect-error There is no such device.
  await start({ device: 'tpu' });
  // @ts-expect-error There is no such form.
  await model.export('pickle');
  // @ts-expect-error There is no such method.
  await table.train({ method: 'magic' });
  // @ts-expect-error A row is no number.
  await model.predict(3);
  // @ts-expect-error Labels are not to be written.
  model.labels = [];
  const said = await model.predict('a');
  // @ts-expect-error Not every answer has a label.
  said.label.toUpperCase();
}
