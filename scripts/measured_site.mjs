// What the benchmarks in a browser measure of a worker that no page is told: its memory and its time on a CPU.

import { cp, readFile, readdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';

import { DIST } from '../tests/e2e/harness.mjs';
import { createStaticServer } from './serve.mjs';

export const mega = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;

/** Bytes of the page's first worker's WebAssembly memory, which never shrinks. */
export const memoryOfWorker = (page) => page.workers()[0].evaluate(() => globalThis.ownMemory.buffer.byteLength);

/** Serves a copy of dist/ whose workers say which memory is their own, until `t` ends; gives its address. */
export async function measuredSite(t, folder) {
  await cp(DIST, folder, { recursive: true });
  const remember = `for (const name of ['instantiate', 'instantiateStreaming']) {
  const own = WebAssembly[name];
  WebAssembly[name] = async (...given) => {
    const made = await own(...given);
    globalThis.ownMemory ??= (made.instance ?? made).exports?.memory;
    return made;
  };
}
`;
  const loaders = (await readdir(folder)).filter((name) => /^worker.*\.js$/.test(name));
  if (loaders.length === 0) throw new Error(`no worker's loader in ${folder}`);
  for (const name of loaders) await writeFile(path.join(folder, name), remember + (await readFile(path.join(folder, name), 'utf8')));
  const server = createStaticServer(folder, '/');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}/`;
}

/** The processes of this browser's tabs. */
async function tabs(profile) {
  const own = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    try {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      if (!command.includes('--type=renderer')) continue;
      // A renderer does not carry the profile's folder; the browser that is its grandparent does.
      let parent = pid;
      let isOwn = false;
      for (let up = 0; up < 4 && !isOwn && Number(parent) > 1; up += 1) {
        parent = /^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${parent}/status`, 'utf8'))[1];
        isOwn = (await readFile(`/proc/${parent}/cmdline`, 'utf8')).includes(profile);
      }
      if (isOwn) own.push(pid);
    } catch {
      // It has ended meanwhile.
    }
  }
  return own;
}

/** The most memory that a process of this browser's tabs was resident in, in bytes. */
export async function peakOfTabs(profile) {
  let peak = 0;
  for (const pid of await tabs(profile)) {
    peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))[1]) * 1024);
  }
  return peak;
}

/** How long this browser's workers have been on a CPU, in seconds, which other work on the machine does not add to. */
export async function cpuOfWorkers(profile) {
  let nanos = 0;
  for (const pid of await tabs(profile)) {
    for (const task of await readdir(`/proc/${pid}/task`)) {
      const folder = `/proc/${pid}/task/${task}`;
      if (!(await readFile(`${folder}/comm`, 'utf8')).startsWith('DedicatedWorker')) continue;
      nanos += Number((await readFile(`${folder}/schedstat`, 'utf8')).split(' ')[0]);
    }
  }
  return nanos / 1e9;
}
