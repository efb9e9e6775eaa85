/** What the client puts into an image made by initramfs-tools (S3). */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { ownClient } from './clients.ts';
import type { Installation } from './debian.ts';

/** Everything that may come with the client; there is nothing else, above all no other key. */
const ALLOWED = [
  /^conf\/(modules|conf\.d\/mandos-conf)$/,
  /^conf\/conf\.d\/mandos(\/(plugin-runner\.conf|(pub|sec)key\.txt|tls-(pub|priv)key\.pem|dhparams\.pem))?$/,
  /^scripts\/(init|local)-premount(\/(ORDER|mandos))?$/,
  /^usr\/lib\/mandos(\/(mandos|plugin-runner|unlock-with-mandos|network-hooks\.d|plugin-helpers))?$/,
  /^usr\/lib\/mandos\/plugins\.d(\/(askpass-fifo|mandos-client|password-prompt))?$/,
  /^usr\/lib\/x86_64-linux-gnu\/lib(atomic|dl|gcc_s|m|pthread|stdc\+\+)\.so\.[\d.]+$/,
];

interface Entry {
  readonly kind: string;
  readonly mode: number;
  readonly owner: number;
}

async function entries(installation: Installation, which: string): Promise<Map<string, Entry>> {
  const text = await readFile(join(installation.files, `${which}.list`), 'utf8');
  const found = new Map<string, Entry>();
  for (const line of text.trimEnd().split('\n')) {
    const [path = '', kind = '', mode = '', owner = ''] = line.split(' ');
    found.set(path.slice(2), { kind, mode: Number.parseInt(mode, 8), owner: Number(owner) });
  }
  return found;
}

it('only root reads the image, and only what is allowed is in it', async () => {
  const installation = await ownClient();
  const without = await entries(installation, 'before');
  const image = await entries(installation, 'after');
  const added = [...image.keys()].filter((path) => !without.has(path));
  assert.deepEqual(
    added.filter((path) => !ALLOWED.some((pattern) => pattern.test(path))),
    [],
  );
  assert.equal((await stat(installation.initrd)).mode & 0o777, 0o600);
});

it('keys in the image are the client’s alone, and no program is within the reach of others', async () => {
  const image = await entries(await ownClient(), 'after');
  const keys = [...image].filter(([path]) => /^conf\/conf\.d\/mandos\/.*(key|param)/.test(path));
  assert.ok(keys.length >= 4);
  for (const [path, { mode, owner }] of keys) {
    assert.equal(mode, 0o600, path);
    assert.notEqual(owner, 0, path);
  }
  for (const [path, { kind, mode, owner }] of image) {
    if (!path.startsWith('usr/lib/mandos') || kind === 'l') continue;
    assert.equal(owner, 0, path);
    assert.equal(mode & 0o022, 0, path);
  }
});
