// What a host sends, seen from outside: headers, types and addresses. A header
// missing on a worker's script is a worker without a policy, and a wrong type
// on a module is a page that never starts, so both are checked file by file.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseHeaders } from '../../scripts/serve.mjs';
import { DIST, startBrowser, startSite, visit } from './harness.mjs';

const SUB_PATH = '/tools/burnish/';

const page = await readFile(path.join(DIST, 'index.html'), 'utf8');
const app = match(page, /import\('\.\/(assets\/app-[0-9a-f]{16}\/app\.js)'\)/);
const appWasm = app.replace(/\.js$/, '_bg.wasm');
const worker = match(page, /name="burnish:worker" content="\.\/(worker-[0-9a-f]{16}\.js)"/);
const gpuWorker = match(page, /name="burnish:worker-gpu" content="\.\/(worker-gpu-[0-9a-f]{16}\.js)"/);
const style = match(page, /href="\.\/(assets\/style-[0-9a-f]{16}\.css)"/);

/** The path of what the worker with this loader loads: `.js` or `_bg.wasm`. */
const loadedBy = (loader, ending) => loader.replace(/^(.+)-([0-9a-f]{16})\.js$/, `assets/$1-$2/$1${ending}`);

const FILES = {
  '': 'text/html; charset=utf-8',
  'index.html': 'text/html; charset=utf-8',
  [style]: 'text/css; charset=utf-8',
  [app]: 'text/javascript; charset=utf-8',
  [appWasm]: 'application/wasm',
  [worker]: 'text/javascript; charset=utf-8',
  [loadedBy(worker, '.js')]: 'text/javascript; charset=utf-8',
  [loadedBy(worker, '_bg.wasm')]: 'application/wasm',
  [gpuWorker]: 'text/javascript; charset=utf-8',
  [loadedBy(gpuWorker, '.js')]: 'text/javascript; charset=utf-8',
  [loadedBy(gpuWorker, '_bg.wasm')]: 'application/wasm',
  'models/all-MiniLM-L6-v2/model.safetensors': 'application/octet-stream',
  'models/all-MiniLM-L6-v2/tokenizer.json': 'application/json',
  'models/all-MiniLM-L6-v2/NOTICE.txt': 'text/plain; charset=utf-8',
  'samples/sms_spam_sample.csv': 'text/csv; charset=utf-8',
  'burnish.css': 'text/css; charset=utf-8',
  'burnish.d.ts': 'text/plain; charset=utf-8',
  'burnish.js': 'text/javascript; charset=utf-8',
  'example.html': 'text/html; charset=utf-8',
  'example.js': 'text/javascript; charset=utf-8',
  'one-page.html': 'text/html; charset=utf-8',
  'try-model.js': 'text/javascript; charset=utf-8',
  'manifest.webmanifest': 'application/manifest+json',
  'icon.svg': 'image/svg+xml',
};

const ISOLATION = {
  'connection-allowlist': '(response-origin);webrtc=block',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

test('every file has its type, its policy and its isolation headers', async (t) => {
  const site = await startSite(t);
  for (const [file, type] of Object.entries(FILES)) {
    const response = await fetch(site.url + file, { method: 'HEAD' });
    assert.equal(response.status, 200, file);
    assert.equal(response.headers.get('content-type'), type, file);
    for (const [name, value] of Object.entries(ISOLATION)) assert.equal(response.headers.get(name), value, `${name} of ${file}`);
    const policy = directives(response.headers.get('content-security-policy'));
    assert.equal(policy['default-src'], "'none'", file);
    assert.equal(policy['connect-src'], "'self'", file);
    assert.equal(policy['worker-src'], "'self'", file);
    assert.equal(policy['frame-ancestors'], "'none'", file);
    for (const [name, sources] of Object.entries(policy)) {
      assert.doesNotMatch(sources, /'unsafe-|\*|https?:|wss?:/, `${name} of ${file} lets too much through`);
    }
  }
});

test('one page may stand inside others, and it is the same page', async (t) => {
  const site = await startSite(t);
  const [own, framed] = await Promise.all(['', 'embed.html'].map((file) => fetch(site.url + file)));
  const policy = directives(framed.headers.get('content-security-policy'));
  assert.equal(policy['frame-ancestors'], '*');
  const usual = directives(own.headers.get('content-security-policy'));
  assert.deepEqual({ ...policy, 'frame-ancestors': "'none'" }, usual, 'all else is as strict');
  for (const [name, value] of Object.entries(ISOLATION)) {
    const expected = name === 'cross-origin-resource-policy' ? 'cross-origin' : value;
    assert.equal(framed.headers.get(name), expected, name);
  }
  const mark = '\n  <meta name="burnish:framed" content="">';
  const html = await framed.text();
  assert.equal(html.split(mark).length, 2);
  assert.equal(html.replace(mark, ''), page);
  // Hosts that serve pages without their ending read the same rule.
  const bare = await fetch(`${site.url}embed`, { method: 'HEAD' });
  assert.equal(directives(bare.headers.get('content-security-policy'))['frame-ancestors'], '*');
});

test('an error page carries the same headers', async (t) => {
  const site = await startSite(t);
  const response = await fetch(`${site.url}no-such-file`);
  assert.equal(response.status, 404);
  for (const [name, value] of Object.entries(ISOLATION)) assert.equal(response.headers.get(name), value, name);
  assert.ok(response.headers.has('content-security-policy'));
});

test('the policy names the inline script and no other', async (t) => {
  const site = await startSite(t);
  const html = await (await fetch(site.url)).text();
  const inline = [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(([, text]) => text);
  const hashes = inline.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  const response = await fetch(site.url, { method: 'HEAD' });
  const fromHeader = directives(response.headers.get('content-security-policy'));
  assert.equal(fromHeader['script-src'], ["'self'", "'wasm-unsafe-eval'", ...hashes].join(' '));

  const fromPage = directives(match(html, /http-equiv="Content-Security-Policy" content="([^"]+)"/));
  delete fromHeader['frame-ancestors']; // Has no effect in a page.
  assert.deepEqual(fromPage, fromHeader);
});

test('what is named by its content is kept, the rest is asked for again', async (t) => {
  const site = await startSite(t);
  for (const file of Object.keys(FILES)) {
    const response = await fetch(site.url + file, { method: 'HEAD' });
    const expected = file.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    assert.equal(response.headers.get('cache-control'), expected, file);
    const again = await fetch(site.url + file, { headers: { 'If-None-Match': response.headers.get('etag') } });
    assert.equal(again.status, 304, file);
  }
});

test('the weights for parity tests are not shipped', async (t) => {
  const site = await startSite(t);
  const response = await fetch(`${site.url}models/all-MiniLM-L6-v2/model-f32.safetensors`, { method: 'HEAD' });
  assert.equal(response.status, 404);
});

test('nothing outside the folder is served, nor the header rules', async (t) => {
  const site = await startSite(t);
  const paths = ['/../Cargo.toml', '/assets/../../Cargo.toml', '/%2e%2e/Cargo.toml', '/..%2fCargo.toml', '/%2e%2e%2f%2e%2e%2fetc/passwd'];
  paths.push('/..%5cCargo.toml', '/index.html%00.png', '//etc/passwd', '/%', '/_headers', '/%5fheaders', '/assets/../_headers');
  for (const each of paths) assert.equal(await statusOf(site.url, 'GET', each), 404, each);
});

test('only reading is allowed', async (t) => {
  const site = await startSite(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) assert.equal(await statusOf(site.url, method, '/'), 405, method);
});

test('under a sub-path, only the sub-path is served', async (t) => {
  const site = await startSite(t, { prefix: SUB_PATH });
  assert.ok(site.url.endsWith(SUB_PATH));
  assert.equal((await fetch(site.url + app, { method: 'HEAD' })).headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.equal(await statusOf(site.url, 'GET', '/'), 404);
  const withoutSlash = await fetch(site.url.slice(0, -1), { redirect: 'manual' });
  assert.equal(withoutSlash.status, 301);
  assert.equal(withoutSlash.headers.get('location'), SUB_PATH);
});

test('the page starts at the root and under a sub-path', async (t) => {
  const browser = await startBrowser(t);
  for (const prefix of ['/', SUB_PATH]) {
    const site = await startSite(t, { prefix });
    const seen = await visit(browser, site.url);
    assert.equal(await seen.page.title(), 'Burnish');
    seen.assertQuiet();
    assert.ok(seen.requests.some(({ url }) => url === site.url + appWasm), 'the page loaded its wasm');
    assert.ok(seen.requests.every(({ url }) => !url.startsWith('http') || url.startsWith(site.url)), 'nothing came from beside the sub-path');
    await seen.page.close();
  }
});

test('a browser that cannot run the page is told so', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  await browser.addInitScript(() => delete globalThis.WebAssembly);
  const seen = await visit(browser, site.url, { ready: false });
  await seen.page.getByRole('alert').getByText('Burnish could not start in this browser').waitFor();
});

test('the command prints where it serves', async (t) => {
  const script = fileURLToPath(new URL('../../scripts/serve.mjs', import.meta.url));
  const server = spawn(process.execPath, [script, DIST, '0', '--prefix', SUB_PATH], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => server.kill());
  const [url] = await once(createInterface({ input: server.stdout }), 'line');
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/tools\/burnish\/$/);
  assert.equal((await fetch(url, { method: 'HEAD' })).status, 200);
});

test('header rules are read strictly', () => {
  const [rule] = parseHeaders('# A comment.\n\n/assets/*.js\n  Name: value: with a colon\n');
  assert.deepEqual(rule.headers, [['Name', 'value: with a colon']]);
  assert.ok(rule.matches.test('/assets/a/b.js'));
  assert.ok(!rule.matches.test('/assets/a.jsx'));
  assert.throws(() => parseHeaders('/users/:id\n  A: b'), /line 1/);
  const [, less] = parseHeaders('/*\n  A: b\n/a\n  ! A\n  A: c\n');
  assert.deepEqual([less.detached, less.headers], [['A'], [['A', 'c']]]);
  assert.throws(() => parseHeaders('  ! A'), /line 1/);
  assert.throws(() => parseHeaders('  A: b'), /line 1/);
});

function match(text, pattern) {
  const found = pattern.exec(text);
  assert.ok(found, `${pattern} is not in the page`);
  return found[1];
}

function directives(policy) {
  return Object.fromEntries(
    policy.split('; ').map((directive) => {
      const [name, ...sources] = directive.split(' ');
      return [name, sources.join(' ')];
    }),
  );
}

/** Sends the path as it is; `fetch` would tidy it up first. */
function statusOf(site, method, rawPath) {
  const { hostname, port } = new URL(site);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path: rawPath }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end();
  });
}
