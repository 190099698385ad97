// What every end-to-end test needs: a server over the built dist/, a browser,
// and a record of all that the page did.
//
//     import { test } from 'node:test';
//     import { startBrowser, startSite, visit } from './harness.mjs';
//
//     test('a dropped CSV is shown as a table', async (t) => {
//       const site = await startSite(t);                        // the server of ./dev serve, on a free port
//       const browser = await startBrowser(t);                  // Chromium with a fresh profile
//       const seen = await visit(browser, site.url);            // a tab, recorded from its first request
//       await seen.page.getByText('Try a sample').click();      // `page` is Playwright's
//       await seen.shot('table');                               // $BURNISH_SHOTS/table.png, if that is set
//       seen.assertQuiet();                                     // no errors, nothing sent to another host
//     });
//
// startSite(t, { prefix, root })
//     `prefix: '/some/path/'` serves dist/ under a sub-path, `root` another
//     folder than dist/. Gives { url, stop() }.
// startBrowser(t, { webgpu, profile, context })
//     `webgpu: true` switches on WebGPU in software (correct, and slow).
//     `profile` keeps a profile folder of yours from one browser to the next.
//     `context` goes to Playwright: { viewport, colorScheme, reducedMotion, ... }.
//     Gives Playwright's BrowserContext.
// visit(browser, url, { ready })
//     Opens a tab. `ready: false` returns at once; otherwise the page's wasm
//     has started and the loading message is gone. Gives a Visit, see below.
//
// Whatever is started gets stopped when the test `t` ends, passed or failed.
//
// Environment, all set by ./dev: BURNISH_DIST (the built site),
// BURNISH_NODE_MODULES (where playwright-core is), BURNISH_CHROMIUM (the
// browser); and by whoever wants pictures, BURNISH_SHOTS (a folder).

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createStaticServer } from '../../scripts/serve.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const DIST = process.env.BURNISH_DIST ?? path.join(ROOT, 'dist');
const CACHE = process.env.BURNISH_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'burnish');
export const NODE_MODULES = process.env.BURNISH_NODE_MODULES ?? path.join(CACHE, 'npm', 'node_modules');
const CHROMIUM = process.env.BURNISH_CHROMIUM ?? '/usr/bin/chromium';

const { chromium } = createRequire(path.join(NODE_MODULES, 'from-here.cjs'))('playwright-core');

// The tests open pages of their own only, so the sandbox, which needs rights
// that containers lack, protects nothing. The rest keeps the browser itself
// from talking to the network: what is recorded is the page's doing alone.
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WEBGPU_FLAGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

const START_TIMEOUT_MS = 60_000;

/** Serves dist/ until the test ends. */
export async function startSite(t, { prefix = '/', root = DIST } = {}) {
  const server = createStaticServer(root, prefix);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  t.after(stop);
  return { url: `http://127.0.0.1:${server.address().port}${prefix}`, stop };
}

/** Starts Chromium with a fresh profile until the test ends. */
export async function startBrowser(t, { webgpu = false, profile, context = {} } = {}) {
  const folder = profile ?? (await mkdtemp(path.join(tmpdir(), 'burnish-profile-')));
  const browser = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    headless: true,
    args: webgpu ? [...FLAGS, ...WEBGPU_FLAGS] : FLAGS,
    timeout: START_TIMEOUT_MS,
    acceptDownloads: true,
    ...context,
  });
  t.after(async () => {
    await browser.close();
    if (profile === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return browser;
}

/** Opens `url` in a new tab and records what happens there. */
export async function visit(browser, url, { ready = true } = {}) {
  const page = await browser.newPage();
  const seen = new Visit(page, url);
  await page.goto(url);
  if (ready) await seen.started();
  return seen;
}

/** One tab and its record, which covers the page's workers too. */
export class Visit {
  /** Playwright's Page. */
  page;
  /** Every request as { method, url, bodyBytes, type }, in order. */
  requests = [];
  /** Requests that got no response or one of 400 and above, as { url, why }. */
  failures = [];
  /** Console errors, uncaught exceptions and broken policies, as text. */
  errors = [];
  /** Console warnings, as text. */
  warnings = [];

  #origin;

  constructor(page, url) {
    this.page = page;
    this.#origin = new URL(url).origin;
    page.on('request', (request) => {
      this.requests.push({
        method: request.method(),
        url: request.url(),
        bodyBytes: request.postDataBuffer()?.length ?? 0,
        type: request.resourceType(),
      });
    });
    page.on('requestfailed', (request) => this.failures.push({ url: request.url(), why: request.failure()?.errorText ?? 'failed' }));
    page.on('response', (response) => {
      if (response.status() >= 400) this.failures.push({ url: response.url(), why: `status ${response.status()}` });
    });
    page.on('console', (message) => {
      const list = { error: this.errors, warning: this.warnings }[message.type()];
      list?.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.errors.push(`uncaught: ${error.stack ?? error}`));
    page.on('crash', () => this.errors.push('the page crashed'));
  }

  /** Waits until the page's wasm has replaced the loading message. */
  async started() {
    const outcome = await this.page
      .waitForFunction(
        () => {
          if (document.getElementById('boot') === null) return 'started';
          const status = document.getElementById('boot-status');
          return status?.getAttribute('role') === 'alert' && status.textContent;
        },
        undefined,
        { timeout: START_TIMEOUT_MS },
      )
      .then((handle) => handle.jsonValue());
    assert.equal(outcome, 'started', this.errors.join('\n'));
  }

  /** Requests to any other place than the site itself. `blob:` and `data:` stay inside the browser. */
  foreignRequests() {
    return this.requests.filter(({ url }) => /^(https?|wss?):/.test(url) && new URL(url).origin !== this.#origin);
  }

  /** Requests that carried data away from the page, to whatever host. */
  uploads() {
    return this.requests.filter(({ method, bodyBytes }) => bodyBytes > 0 || !['GET', 'HEAD'].includes(method));
  }

  /** Fails if anything went wrong, or if anything left the page. */
  assertQuiet() {
    assert.deepEqual(this.errors, [], 'errors in the console');
    assert.deepEqual(this.failures, [], 'failed requests');
    assert.deepEqual(this.foreignRequests(), [], 'requests to another host');
    assert.deepEqual(this.uploads(), [], 'requests that carried data');
  }

  /** Takes a picture of the whole page into $BURNISH_SHOTS; does nothing if that is not set. */
  async shot(name) {
    const folder = process.env.BURNISH_SHOTS;
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true, animations: 'disabled' });
  }

  /** The same in both colour schemes, on a desk and on a phone; leaves it light and on the desk. */
  async shots(name) {
    for (const colorScheme of ['dark', 'light']) {
      await this.page.emulateMedia({ colorScheme });
      for (const [width, height] of [[390, 844], [1280, 800]]) {
        await this.page.setViewportSize({ width, height });
        // What stands in a frame of another origin is laid out a moment later.
        if (this.page.frames().length > 1) await this.page.waitForTimeout(500);
        await this.shot(`${name}-${width}-${colorScheme}`);
      }
    }
  }
}
