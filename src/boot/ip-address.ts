/** Which kind of IP address a text is, in the forms of RFC 4291 section 2.2; null for none. */
export function ipFamily(text: string): 'ipv4' | 'ipv6' | null {
  if (isIpv4(text)) return 'ipv4';
  return isIpv6(text) ? 'ipv6' : null;
}

/** fe80::/10: an address that means something on one link only (RFC 4291, section 2.5.6). */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address);
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  // No leading zeros: some programs take them for octal.
  return (
    parts.length === 4 &&
    parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)
  );
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [index, half] of halves.entries()) {
    const count = countGroups(half, index === halves.length - 1);
    if (count === null) return false;
    groups += count;
  }
  // "::" stands for at least one group of zeros.
  return halves.length === 2 ? groups <= 7 : groups === 8;
}

/** How many 16-bit groups a part without "::" has; null when it is none. */
function countGroups(part: string, mayEndInIpv4: boolean): number | null {
  if (part === '') return 0;
  const groups = part.split(':');
  const last = groups.at(-1) ?? '';
  const tail = mayEndInIpv4 && isIpv4(last) ? 1 : 0;
  const plain = groups.slice(0, groups.length - tail);
  if (!plain.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return plain.length + tail * 2;
}
