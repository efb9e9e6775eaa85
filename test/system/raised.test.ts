/** What a program does that an unprivileged user runs with root's privileges. */
import assert from 'node:assert/strict';
import { chmod, chown, link, readlink, stat, symlink } from 'node:fs/promises';
import process from 'node:process';
import test from 'node:test';
import { succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';
import { TempDir } from '../support/temp-dir.ts';

const USER = 65_534;
const needs = requires('root', 'namespaces');

/** Runs a piece of TypeScript with an unprivileged real user and root as the effective one. */
async function runPrivileged(code: string): Promise<string> {
  const from = (name: string): string => JSON.stringify(inRepository(`src/system/${name}.ts`));
  const script = `
    import { lowerPrivileges, raised, raisedUser } from ${from('raised')};
    import { giveToOwnUser } from ${from('own-files')};
    import { ensureDescriptorFolder } from ${from('descriptor-folder')};
    const log = { log: () => undefined };
    ${code}`;
  const out = await succeed('/usr/bin/setpriv', [
    ...[`--ruid=${USER}`, `--rgid=${USER}`, `--keep-groups`, process.execPath],
    ...['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', script],
  ]);
  return out.toString().trim();
}

test('privileges are put aside, taken up for one act, and put aside again', needs, async () => {
  const out = await runPrivileged(`
    const seen = [];
    const look = () => seen.push([process.geteuid(), process.getegid()].join());
    look();
    lowerPrivileges();
    look();
    raised(look);
    look();
    try { raised(() => { throw new Error(); }); } catch {}
    look();
    console.log(seen.join(' '), raisedUser(), process.getgroups().filter((id) => id === 0).length);
  `);
  const user = `${USER},${USER}`;
  assert.equal(out, `0,0 ${user} 0,${USER} ${user} ${user} 0 0`);
});

test('in a program that is nobody in particular nothing is changed', async () => {
  const { lowerPrivileges, raised, raisedUser } = await import('../../src/system/raised.ts');
  const before = process.geteuid?.();
  lowerPrivileges();
  assert.equal(
    raised(() => process.geteuid?.()),
    before,
  );
  assert.equal(raisedUser(), before);
});

test('key files that are root’s become the user’s, and nothing else does', needs, async () => {
  await using dir = await TempDir.create();
  const names = ['key', 'twice', 'target', 'other', 'group'];
  for (const name of names) await dir.write(name, 'text');
  await chmod(dir.path, 0o755);
  await link(dir.join('twice'), dir.join('hard'));
  await symlink(dir.join('target'), dir.join('link'));
  await chown(dir.join('other'), 1000, 0);
  await chown(dir.join('group'), 0, 1000);
  const paths = [...names, 'link', 'missing', '.'].filter((name) => name !== 'target');
  await runPrivileged(`
    lowerPrivileges();
    giveToOwnUser(${JSON.stringify(paths.map((name) => dir.join(name)))}, log);
  `);
  const owners: Record<string, string> = {};
  for (const name of [...names, '.']) {
    const { uid, gid } = await stat(dir.join(name));
    owners[name] = `${uid}:${gid}`;
  }
  assert.deepEqual(owners, {
    ...{ key: `${USER}:${USER}`, twice: '0:0', target: '0:0', other: '1000:0', group: '0:1000' },
    '.': '0:0',
  });
});

test('/dev/fd is made where it is missing', needs, async () => {
  await using dir = await TempDir.create();
  await symlink('elsewhere', dir.join('there'));
  const make = (name: string): string =>
    `ensureDescriptorFolder(log, ${JSON.stringify(dir.join(name))});`;
  await runPrivileged(`lowerPrivileges(); ${make('fd')} ${make('there')} ${make('no/folder')}`);
  assert.equal(await readlink(dir.join('fd')), '/proc/self/fd');
  assert.equal(await readlink(dir.join('there')), 'elsewhere');
});
