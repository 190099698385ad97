// Runs exported ONNX files with onnxruntime-web in Chromium: `node browser.mjs FOLDER`.
//
// FOLDER is what `parity.py --feeds` left: for each model its file, inputs and the outputs that
// Python's onnxruntime gave, which parity.py has held against the app's own. The last line is
// "N passed, N failed".

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';

const NODE_MODULES = process.env.BURNISH_NODE_MODULES;
const CHROMIUM = process.env.BURNISH_CHROMIUM ?? '/usr/bin/chromium';
const { chromium } = createRequire(path.join(NODE_MODULES, 'from-here.cjs'))('playwright-core');
const TOLERANCE = 1e-4;

const folder = path.resolve(process.argv[2]);
const PAGE = `<!doctype html><script type="module">
  import * as ort from '/ort/ort.wasm.min.mjs';
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = '/ort/';
  const makers = {
    int64: (data) => BigInt64Array.from(data, BigInt),
    float32: (data) => Float32Array.from(data, (x) => x ?? NaN),
    float64: (data) => Float64Array.from(data, (x) => x ?? NaN),
    string: (data) => data,
  };
  window.compare = async (name) => {
    const { inputs, expected } = await (await fetch('/feeds/' + name + '/feeds.json')).json();
    const session = await ort.InferenceSession.create('/feeds/' + name + '/model.onnx');
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([key, { type, data, dims }]) => [key, new ort.Tensor(type, makers[type](data), dims)]),
    );
    const [output] = Object.values(await session.run(feeds));
    const found = Array.from(output.data, Number);
    const wanted = expected.flat();
    if (found.length !== wanted.length) throw new Error(found.length + ' numbers, not ' + wanted.length);
    return Math.max(...found.map((x, at) => Math.abs(x - wanted[at]) / Math.max(1, Math.abs(wanted[at]))));
  };
</script>`;

const TYPES = { '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/') return response.setHeader('content-type', 'text/html').end(PAGE);
  const [, root, ...rest] = decodeURIComponent(pathname).split('/');
  const base = { ort: path.join(NODE_MODULES, 'onnxruntime-web/dist'), feeds: folder }[root];
  if (base === undefined || rest.includes('..')) return response.writeHead(404).end();
  response.setHeader('content-type', TYPES[path.extname(pathname)] ?? 'application/octet-stream');
  createReadStream(path.join(base, ...rest))
    .on('error', () => response.writeHead(404).end())
    .pipe(response);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
let passed = 0;
let failed = 0;
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => window.compare);
  for (const name of (await readdir(folder)).sort()) {
    const off = await page.evaluate((name) => window.compare(name), name).catch((error) => error);
    const isOk = off <= TOLERANCE;
    if (isOk) passed += 1;
    else failed += 1;
    const what = typeof off === 'number' ? `off by ${off.toExponential(1)} at the most` : off.message;
    console.log(`${isOk ? 'ok    ' : 'FAILED'} ${name}, onnxruntime-web in ${browser.version()}: ${what}`);
  }
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
