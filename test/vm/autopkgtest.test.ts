/** The tests that come with our packages, run by Debian's autopkgtest on an installed machine. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { it } from 'node:test';
import { inRepository } from '../support/repository.ts';
import { ownPackage } from './clients.ts';
import { install } from './debian.ts';
import { Lan } from './lan.ts';
import { Machine } from './machine.ts';

const SCRIPT = `apt-get install -qq -y --no-install-recommends autopkgtest dpkg-dev fping \
  /root/server.deb /root/client.deb >/dev/null
rm /root/*.deb
# They are run where they are.
chmod 755 /root /root/source/debian/tests/*
systemctl enable autopkgtest-story.service`;

const DEBIAN = inRepository('packaging/debian');
const SOURCE = [
  'changelog',
  'control',
  ...readdirSync(`${DEBIAN}/tests`).map((name) => `tests/${name}`),
];

it('autopkgtest passes', async () => {
  const installation = await install({
    name: 'autopkgtest',
    files: {
      '/root/server.deb': ownPackage('mandos-ts-server'),
      '/root/client.deb': ownPackage('mandos-ts-client'),
      '/usr/local/sbin/autopkgtest-story': inRepository('test/vm/guest/autopkgtest-story'),
      '/etc/systemd/system/autopkgtest-story.service': inRepository(
        'test/vm/guest/autopkgtest-story.service',
      ),
      ...Object.fromEntries(
        SOURCE.map((name) => [`/root/source/debian/${name}`, `${DEBIAN}/${name}`]),
      ),
    },
    script: SCRIPT,
    freeMegabytes: 400,
  });
  await using lan = await Lan.make();
  await using machine = await Machine.start({ installation, lan, init: 'system' });
  await machine.typesPassword();
  const report = await machine.report();
  const results = report.lines('summary').map((line) => line.split(/\s+/).slice(0, 2));
  assert.deepEqual(
    results.sort(),
    [
      ['client', 'PASS'],
      ['server', 'PASS'],
    ],
    report.text,
  );
  assert.deepEqual(report.lines('code'), ['0'], report.text);
});
