/** Carries out what mandos-ctl was told to do, action by action, each on all clients. */
import { ExitStatus, MandosError } from '../../core/error.ts';
import type { ClientView } from '../server/client-view.ts';
import type { MandosService } from '../server/mandos-service.ts';
import type { CtlAction } from './command-line.ts';

/** Calls that are under way at the same time: a server of many clients stores them together. */
const AT_ONCE = 100;

export interface ActContext {
  readonly service: MandosService;
  /** The contents of the files that `set-secret` names. */
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  readonly say: (message: string) => void;
}

/**
 * The exit status. An action that fails for one client is still carried out for the others,
 * but nothing that comes after it: who could not get a new secret is not to be enabled.
 */
export async function act(
  actions: readonly CtlAction[],
  clients: readonly ClientView[],
  context: ActContext,
): Promise<number> {
  for (const action of actions) {
    if (action.kind === 'is-enabled') {
      // As they were before anything else was done, and of several the first: as the original.
      return clients[0]?.Enabled === true ? ExitStatus.ok : ExitStatus.failure;
    }
    if (!(await actOnAll(action, clients, context))) return ExitStatus.failure;
  }
  return ExitStatus.ok;
}

async function actOnAll(
  action: Exclude<CtlAction, { kind: 'is-enabled' }>,
  clients: readonly ClientView[],
  context: ActContext,
): Promise<boolean> {
  let good = true;
  for (let start = 0; start < clients.length; start += AT_ONCE) {
    const some = clients.slice(start, start + AT_ONCE);
    const outcomes = await Promise.allSettled(
      some.map((client) => actOn(action, client.path, context)),
    );
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') continue;
      const { reason } = outcome;
      if (!(reason instanceof MandosError)) throw reason;
      context.say(`client ${some[index]?.Name}: ${reason.message}`);
      good = false;
    }
  }
  return good;
}

function actOn(
  action: Exclude<CtlAction, { kind: 'is-enabled' }>,
  path: string,
  { service, secrets }: ActContext,
): Promise<void> {
  switch (action.kind) {
    case 'set':
      return service.set(path, action.property, action.value);
    case 'set-secret':
      return service.set(path, 'Secret', secrets.get(action.file) ?? new Uint8Array());
    case 'approve':
      return service.approve(path, action.approved);
    case 'remove':
      return service.remove(path);
  }
}
