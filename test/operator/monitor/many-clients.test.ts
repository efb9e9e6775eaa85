/** Ten thousand clients: the work of a frame is that of its rows, of a change that of one client. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { render } from '../../../src/operator/monitor/render.ts';
import type { ClientView } from '../../../src/operator/server/client-view.ts';
import { after, client, marked, modelWith, NOW, press, SIZE } from './clients.ts';

const COUNT = 10_000;

/** Clients that count how often anybody looks at their state. */
function counted(): { readonly clients: ClientView[]; looks: () => number } {
  let looks = 0;
  const clients = Array.from({ length: COUNT }, (_, at) => {
    const view = client(`client${String(at).padStart(4, '0')}`);
    return Object.defineProperty({ ...view }, 'Enabled', {
      enumerable: true,
      get: () => {
        looks++;
        return true;
      },
    });
  });
  return {
    clients,
    looks: () => {
      const all = looks;
      looks = 0;
      return all;
    },
  };
}

test('a frame looks at the clients in its window and hardly any others', () => {
  const { clients, looks } = counted();
  const model = press(modelWith(clients), ...Array.from({ length: 40 }, () => 'page down'));
  looks();
  render(model, NOW);
  assert.ok(looks() <= 3 * SIZE.rows);
  render(press(model, 'G'), NOW);
  assert.ok(looks() <= 9 * SIZE.rows);
});

test('a change of one client looks at no other one', () => {
  const { clients, looks } = counted();
  const model = modelWith(clients);
  looks();
  const changed = after(model, {
    kind: 'properties-changed',
    path: '/clients/client5000',
    changes: { LastCheckerStatus: 1 },
    secret: false,
  });
  const removed = after(changed, { kind: 'client-removed', path: '/clients/client5001' });
  after(removed, { kind: 'client-added', client: client('client5000b') });
  assert.ok(looks() <= 3);
});

test('a storm of checks leaves the selection, the log and the list in order', () => {
  const clients = Array.from({ length: COUNT }, (_, at) =>
    client(`c${String(at).padStart(4, '0')}`),
  );
  let model = press(modelWith(clients), 'G', 'k');
  for (const { path } of clients) {
    model = after(
      model,
      { kind: 'properties-changed', path, changes: { LastCheckerStatus: 1 }, secret: false },
      { kind: 'checker-completed', path, exitStatus: 1, waitStatus: 256, command: 'x' },
    );
  }
  assert.match(marked(model), /^c9998: A checker has failed!/);
  assert.equal(model.clients.shown.size, COUNT);
  assert.equal(model.log.entries.length, 1000);
});
