// Serves a built dist/ on this machine: `node scripts/serve.mjs DIR [PORT] [--prefix /some/path/]`.
//
// A static host and nothing more, with one trait that general ones lack: the
// response headers come from DIR/_headers, the file that Netlify and
// Cloudflare Pages read. What the tests see is therefore what a deployed copy
// sends, the Content-Security-Policy above all.
//
// PORT 0 takes any free port. The address is printed once the server listens.
// --prefix serves DIR under that path, as a host does that has other sites too.

import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HOST = '127.0.0.1';
const DEFAULT_PORT = 8080;
const HEADERS_FILE = '_headers';

const MIME_TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.safetensors': 'application/octet-stream',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};
const UNKNOWN_TYPE = 'application/octet-stream';

// Reads the rules of a `_headers` file: a line with a path pattern, then
// indented `Name: value` lines, or `! Name` for a header of earlier rules that
// is not to be sent. Of the format's patterns only `*` is understood; anything
// else is refused, not ignored, since a rule that does not apply is a header
// that is silently missing.
export function parseHeaders(text) {
  const rules = [];
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '' || line.trim().startsWith('#')) return;
    const where = `${HEADERS_FILE}, line ${index + 1}`;
    if (!/^\s/.test(line)) {
      if (!line.startsWith('/') || line.includes(':')) throw new Error(`${where}: expected a path such as /assets/*`);
      const expression = line.trim().split('*').map(escapeExpression).join('.*');
      rules.push({ matches: new RegExp(`^${expression}$`), detached: [], headers: [] });
      return;
    }
    const detached = /^\s+!\s*([A-Za-z0-9-]+)\s*$/.exec(line);
    if (detached !== null && rules.length > 0) {
      rules.at(-1).detached.push(detached[1]);
      return;
    }
    const header = /^\s+([A-Za-z0-9-]+):\s*(.+?)\s*$/.exec(line);
    if (header === null || rules.length === 0) throw new Error(`${where}: expected "Name: value" under a path`);
    rules.at(-1).headers.push([header[1], header[2]]);
  });
  return rules;
}

function escapeExpression(text) {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}

// The file system path that a request means, or null where it means none: the
// path has to stay below `root` once it is decoded.
export function resolvePath(root, urlPath) {
  let decoded;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  if (!decoded.startsWith('/') || /[\0\\]/.test(decoded)) return null;
  if (decoded.split('/').some((part) => part === '..' || part === '.')) return null;
  const resolved = path.join(root, decoded);
  return path.basename(resolved) === HEADERS_FILE ? null : resolved;
}

export function createStaticServer(root, prefix = '/') {
  const readRules = ruleReader(path.join(root, HEADERS_FILE));
  return createServer((request, response) => {
    respond(root, prefix, readRules, request, response).catch((error) => {
      // A visitor who leaves in the middle of a download is no fault.
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') console.error(`${request.method} ${request.url}: ${error.message}`);
      if (response.headersSent) response.destroy();
      else sendText(response, 500, 'Internal error');
    });
  });
}

// Reads the rules again when the file changes: a rebuild does not need a restart.
function ruleReader(file) {
  let cached = { modified: -1, rules: [] };
  return async () => {
    const modified = (await stat(file)).mtimeMs;
    if (modified !== cached.modified) cached = { modified, rules: parseHeaders(await readFile(file, 'utf8')) };
    return cached.rules;
  };
}

async function respond(root, prefix, readRules, request, response) {
  // The URL class would fold `..` away before it could be refused.
  const [urlPath, query] = splitOnce(request.url, '?');
  const withoutPrefix = urlPath.startsWith(prefix) ? `/${urlPath.slice(prefix.length)}` : null;
  for (const rule of await readRules()) {
    if (!rule.matches.test(withoutPrefix ?? urlPath)) continue;
    for (const name of rule.detached) response.removeHeader(name);
    // Several rules are joined, as the stricter of the hosts do: two policies both hold.
    for (const [name, value] of rule.headers) response.setHeader(name, [response.getHeader(name), value].filter(Boolean).join(', '));
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return sendText(response, 405, 'Method not allowed');
  }
  if (`${urlPath}/` === prefix) return redirect(response, prefix, query);
  if (withoutPrefix === null) return sendText(response, 404, 'Not found');

  let file = resolvePath(root, withoutPrefix);
  if (file === null) return sendText(response, 404, 'Not found');
  let found = await stat(file).catch(() => null);
  if (found?.isDirectory()) {
    if (!urlPath.endsWith('/')) return redirect(response, `${urlPath}/`, query);
    file = path.join(file, 'index.html');
    found = await stat(file).catch(() => null);
  }
  if (!found?.isFile()) return sendText(response, 404, 'Not found');

  const tag = `W/"${found.size.toString(16)}-${Math.trunc(found.mtimeMs).toString(16)}"`;
  response.setHeader('ETag', tag);
  // Whatever no rule lets the browser keep, it asks for again each time.
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'no-cache');
  if (request.headers['if-none-match'] === tag) return response.writeHead(304).end();
  response.setHeader('Content-Type', MIME_TYPES[path.extname(file)] ?? UNKNOWN_TYPE);
  response.setHeader('Content-Length', found.size);
  if (request.method === 'HEAD') return response.writeHead(200).end();
  response.writeHead(200);
  await pipeline(createReadStream(file), response);
}

function splitOnce(text, separator) {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}

// `location` starts with a single `/` here, so it cannot lead to another host.
function redirect(response, location, query) {
  response.setHeader('Location', location.replace(/^\/+/, '/') + query);
  sendText(response, 301, 'Moved');
}

function sendText(response, status, text) {
  response.removeHeader('ETag');
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.writeHead(status).end(response.req.method === 'HEAD' ? undefined : text);
}

async function main() {
  const { values, positionals } = parseArgs({ options: { prefix: { type: 'string', default: '/' } }, allowPositionals: true });
  const [directory, port = DEFAULT_PORT] = positionals;
  if (directory === undefined || positionals.length > 2 || !/^\d{1,5}$/.test(port)) {
    throw new Error('usage: node scripts/serve.mjs DIR [PORT] [--prefix /some/path/]');
  }
  if (!/^\/(.*\/)?$/.test(values.prefix)) throw new Error('--prefix must start and end with /');
  const root = path.resolve(directory);
  if ((await stat(path.join(root, HEADERS_FILE)).catch(() => null)) === null) {
    throw new Error(`${root} has no ${HEADERS_FILE}: build it with ./dev build`);
  }
  const server = createStaticServer(root, values.prefix);
  server.on('error', (error) => {
    console.error(error.code === 'EADDRINUSE' ? `Port ${port} is in use. Choose another with --port.` : error.message);
    process.exit(1);
  });
  server.listen(Number(port), HOST, () => console.log(`http://${HOST}:${server.address().port}${values.prefix}`));
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error.message);
    process.exit(2);
  });
}
