import type { Client, Life } from './client.ts';

/**
 * What of `current` may take effect while it cannot be stored, `durable` being what is
 * stored (F2): lock-outs, removals and denials do; nothing that enables or lengthens a life
 * and no changed setting does. The gate asks `mayHaveSecret` of this client.
 */
export function withoutGrants(durable: Client, current: Client): Client {
  return {
    ...current,
    settings: durable.settings,
    lastEnabled: durable.lastEnabled,
    life: stricter(durable.life, current.life),
  };
}

function stricter(durable: Life, current: Life): Life {
  if (current.kind !== 'enabled') return current;
  if (durable.kind !== 'enabled') return durable;
  const expires = durable.expires.boot < current.expires.boot ? durable.expires : current.expires;
  return { ...current, expires, graceUsed: durable.graceUsed || current.graceUsed };
}
