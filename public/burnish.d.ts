// Types of burnish.js.

/** Why something could not be done. */
export declare class BurnishError extends Error {
  /** What happened and where, as sentences. */
  readonly what: string;
  /** What to do next, as a sentence. */
  readonly fix: string;
  /** What kind of thing went wrong: the data or settings, the base model, the device, or a message that did not fit. */
  readonly kind: 'input' | 'model' | 'device' | 'protocol';
  constructor(what: string, fix: string, kind?: BurnishError['kind']);
}

/** A form in which a model can be exported. */
export type Form =
  | 'burnish'
  | 'one_page'
  | 'hugging_face'
  | 'peft'
  | 'onnx'
  | 'onnx_f16'
  | 'onnx_int8'
  | 'model_card'
  | 'recipe'
  | 'ludwig'
  | 'predictions'
  | 'report';

/** Every form. */
export declare const FORMS: readonly Form[];

/** How a model learns: the first four from texts alone, the others from columns, and from texts beside them. */
export type Method = 'head' | 'lora' | 'full' | 'contrastive' | 'tabm' | 'mlp' | 'linear';

/** How far something has come. */
export interface Progress {
  /** What is being done. */
  what: string;
  /** Share that is done, 0 to 1, where it can be told. */
  share?: number | null;
  /** Mean training loss, while training. */
  loss?: number | null;
  /** Epoch that is under way, from 1, while training. */
  epoch?: number;
  /** Seconds until all steps are done, while training. */
  secondsLeft?: number;
}

/** Hears of progress. */
export type OnProgress = (progress: Progress) => void;

export interface StartOptions {
  /** What trains and predicts; the CPU where it is left out. */
  device?: 'cpu' | 'webgpu';
  /** A worker of your own making that runs Burnish's worker program. */
  worker?: Worker;
}

/** Starts a worker. Resolves once it listens. */
export declare function start(options?: StartOptions): Promise<Burnish>;

/** A worker, and what is open in it. */
export interface Burnish {
  /** What the worker can do. */
  readonly capabilities: Capabilities;
  /** Opens a `.burnish` file as a model, and everything else as a table; a string is the table's text. */
  open(source: string | Blob, options?: { name?: string; onProgress?: OnProgress }): Promise<BurnishTable | BurnishModel>;
  /** Ends the worker. What is under way rejects. */
  close(): void;
}

export interface Capabilities {
  protocol: number;
  device: { kind: 'web_gpu' | 'cpu'; name: string; reason: string };
  base_models: { id: string; name: string; about: string; licence: string; bytes: number }[];
  tasks: [id: string, name: string][];
  kinds: [id: string, name: string][];
}

export interface Column {
  name: string;
  /** Such as `text`, `number`, `category` or `date`. */
  kind: string;
  missing: number;
  distinct: number;
}

export interface Issue {
  id: string;
  severity: string;
  what: string;
  fix: string;
}

/** Which columns to learn from, which to predict, and as what. What is left out is proposed. */
export interface Columns {
  target?: string;
  text?: string[];
  columns?: string[];
  /** One label where it is left out and the target is not the proposed one. */
  task?: 'classify' | 'regress' | 'rank' | 'label_sets' | 'pairs' | 'similarity';
}

export interface TrainOptions extends Columns {
  /** How to learn; the one that suits the columns best where it is left out. */
  method?: Method;
  /** Values by JSON pointers into the recipe, such as `{ '/training/epochs': 2 }`. */
  settings?: Record<string, unknown>;
  /** A recipe as it is, in place of columns and method. */
  recipe?: Recipe;
  /** A model on texts to go on from. */
  from?: BurnishModel;
  onProgress?: OnProgress;
  /** Ends the run after the step under way; what was best so far is the model. */
  signal?: AbortSignal;
}

/** Everything that repeats a run. The fields that are named here are read by this library. */
export interface Recipe {
  task: string;
  target: string;
  text: string[];
  [more: string]: unknown;
}

/** A table that is open. */
export interface BurnishTable {
  readonly id: number;
  readonly name: string;
  readonly rows: number;
  readonly columns: Column[];
  /** The first rows. */
  readonly preview: string[][];
  /** What Burnish would learn. */
  readonly guess: { text: string[]; columns: string[]; target: string | null; task: string; reason: string };
  readonly issues: Issue[];
  /** The recipes for some columns, the one that suits them best first. */
  recipes(columns?: Columns): Promise<Recipe[]>;
  /** Trains a model. Rows for the test are held apart, and judge it once at the end. */
  train(options?: TrainOptions): Promise<BurnishModel>;
  close(): void;
}

/** What a model reads: a field a column. */
export interface Input {
  column: string;
  kind: 'text' | 'number' | 'choice' | 'date' | 'list';
  /** Values that the model knows; empty where any may be typed. */
  values: string[];
  /** A usual cell. */
  example: string;
}

/** Cells by column; a column that is left out counts as empty. */
export type Row = Record<string, string | number | null | undefined>;

interface Read {
  /** Tokens of the row's text; 0 where none is read. */
  tokens: number;
  /** Whether the text was longer than the model reads. */
  isCut: boolean;
}

/** One label out of several. */
export interface LabelPrediction extends Read {
  label: string;
  probability: number;
  probabilities: Record<string, number>;
}

/** Any number of labels. */
export interface LabelSetPrediction extends Read {
  labels: string[];
  probabilities: Record<string, number>;
}

/** A number, with the range that should hold the true one where that can be promised. */
export interface NumberPrediction extends Read {
  value: number;
  range: [number, number] | null;
}

export type Prediction = LabelPrediction | LabelSetPrediction | NumberPrediction;

export interface Evaluation {
  /** The figures by their ids, such as `accuracy`, on rows that the model never saw. */
  metrics: Record<string, number>;
  /** 95 % interval of the accuracy, where labels are chosen. */
  accuracyInterval: [number, number] | null;
  testRows: number;
  /** `confusion[truth][predicted]`; `null` of numbers, of label sets and of models from files. */
  confusion: number[][] | null;
  classes: { label: string; precision: number; recall: number; f1: number; rows: number }[];
  /** The same figures of simple models. */
  baselines: Record<string, Record<string, number>>;
  /** All there is to tell. */
  report: Record<string, unknown>;
}

/** What one word or column adds. */
export interface Share {
  /** The word or the column. */
  name: string;
  /** What the row has in the column; of columns only. */
  cell?: string;
  /** Where the word stands in `text`; of words only. */
  start?: number;
  end?: number;
  /** What it adds: above 0 speaks for the label. */
  share: number;
  /** 95 % half width of it, where the method draws at random. */
  half_width: number | null;
}

export interface Explanation {
  method: string;
  /** The label whose log-odds are shared out; `null` of a number. */
  label: string | null;
  /** What is shared out: log-odds, or the number. */
  value: number;
  /** The same where every part is gone. */
  base: number | null;
  /** The text as the model reads it; `null` of columns. */
  text: string | null;
  parts: Share[];
}

export interface PredictTableOptions {
  name?: string;
  raw?: boolean;
  abstainBelow?: number;
  reasons?: boolean;
  onProgress?: OnProgress;
}

/** A model that was trained, or that came out of a file. */
export interface BurnishModel {
  readonly recipe: Recipe;
  readonly task: string;
  readonly target: string;
  /** None of a number. */
  readonly labels: string[];
  readonly inputs: Input[];
  /** What its card is made of. */
  readonly facts: Record<string, unknown>;
  /** How a next run names it. */
  readonly start: { model: string; name: string };
  /** How good it is on rows that it never saw. */
  evaluate(): Promise<Evaluation>;
  /** What it says of a row; a string is the text of a model that reads nothing else. */
  predict(row: Row | string): Promise<Prediction>;
  predict(rows: (Row | string)[]): Promise<Prediction[]>;
  /**
   * Predicts a whole table, streamed: a CSV with the predictions as added columns. Cells that a spreadsheet
   * would run as formulas get a ' before them, unless `raw` is set. `abstainBelow`, 0 to 1, adds a column that
   * says which rows the model is less sure of than that; `reasons` one with the words or columns that count most,
   * for which the model is asked again for each of them.
   */
  predictTable(source: string | Blob | BurnishTable, options?: PredictTableOptions): Promise<File>;
  /** Why it answers so. `label` is explained instead of the answer; `method` is the id of an explainer. */
  explain(row: Row | string, options?: { label?: string; method?: string; onProgress?: OnProgress }): Promise<Explanation>;
  /** The model in another form. */
  export(form: Form, options?: { onProgress?: OnProgress }): Promise<File>;
  /** Forgets it. */
  close(): void;
}
