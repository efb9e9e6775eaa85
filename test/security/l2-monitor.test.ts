/** L2: what comes from outside is text on the screen of mandos-monitor and nothing else. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeModel, makeClient } from '../dbus/fake-model.ts';
import { ServiceOnABus } from '../dbus/service-on-a-bus.ts';
import { Monitor } from '../support/monitor.ts';
import { requires } from '../support/requirements.ts';

/** Sets the title, leaves the second screen, clears it, asks the terminal to type for it. */
const EVIL = '\x1b]0;owned\x07\x1b[?1049l\x1b[2J\x1b[6n\x9b2J\u202e\n';
const SHOWN = String.raw`\x1b]0;owned\x07\x1b[?1049l\x1b[2J\x1b[6n\x9b2J\u202e\n`;

test(
  'names, hosts, checkers and addresses cannot command the terminal',
  requires('private bus', 'tmux'),
  async () => {
    const name = `evil${EVIL}日本`;
    const settings = { host: EVIL };
    const model = new FakeModel([makeClient('good'), makeClient(name, { settings })]);
    await using service = await ServiceOnABus.start(model);
    await using monitor = await Monitor.start(service.bus.address, { make: 'ours' });
    await monitor.shows(/^evil/);
    const modes = await monitor.modes();
    model.check(name, `checker ${EVIL}`, 256);
    model.notFound(`key ${EVIL}`, EVIL);
    await monitor.shows(/could not be found/);
    // Long lines are broken anywhere.
    const text = (await monitor.screen()).replaceAll('\n', '');
    assert.ok(text.startsWith(`evil${SHOWN}日本: A checker has failed!`), text);
    assert.ok(text.includes(`(command "checker ${SHOWN}") failed with exit code 1`), text);
    assert.ok(text.includes(`Client with address ${SHOWN} and key ID key ${SHOWN} could`), text);
    await monitor.press('Enter');
    const properties = await monitor.shows(/^Properties of client evil/);
    assert.ok(properties.includes(`Host:                  ${SHOWN}`), properties);
    // Another language shows as it is, and nothing was typed for us.
    assert.match(properties, /^Name: +evil.*日本$/m);
    assert.equal(await monitor.modes(), modes);
    await monitor.press('q');
    await monitor.shows(/^evil.*\n?.*\ngood: /);
    assert.deepEqual(
      model.acts.filter(({ act }) => act.kind === 'remove'),
      [],
    );
  },
);
