/** Contracts as introspection XML (D-Bus specification, "Introspection Data Format"). */
import type { Annotations, Argument, Interface, Method, Property, Signal } from './contract.ts';

const HEAD = `<?xml version="1.0" ?>
<!DOCTYPE node
  PUBLIC '-//freedesktop//DTD D-BUS Object Introspection 1.0//EN'
  'http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd'>
`;

/** An object with the nodes below it. */
export function introspect(
  path: string,
  interfaces: readonly Interface[],
  children: readonly string[],
): string {
  return `${HEAD}<node name="${path}">\n${interfaces.map(interfaceXml).join('')}${childrenXml(children)}</node>\n`;
}

/** A path where there is no object; the specification lets everybody ask what is below it. */
export function introspectNode(children: readonly string[]): string {
  return `${HEAD}<node>\n${childrenXml(children)}</node>\n`;
}

function childrenXml(children: readonly string[]): string {
  return children.map((name) => `  <node name="${name}"/>\n`).join('');
}

function interfaceXml({ name, members, annotations, properties }: Interface): string {
  return [
    `  <interface name="${name}">\n`,
    ...members.map(memberXml),
    annotationsXml(annotations, '    '),
    ...properties.map(propertyXml),
    '  </interface>\n',
  ].join('');
}

function memberXml(member: Method | Signal): string {
  const args =
    member.kind === 'signal'
      ? member.tells.map((arg) => argumentXml(arg, ''))
      : [
          ...member.takes.map((arg) => argumentXml(arg, ' direction="in"')),
          ...member.gives.map((arg) => argumentXml(arg, ' direction="out"')),
        ];
  const inside = `${args.join('')}${annotationsXml(member.annotations, '      ')}`;
  return `    <${member.kind} name="${member.name}">\n${inside}    </${member.kind}>\n`;
}

function argumentXml({ type, name }: Argument, direction: string): string {
  const named = name === undefined ? '' : ` name="${name}"`;
  return `      <arg${direction} type="${type}"${named}/>\n`;
}

function propertyXml({ name, type, access, annotations }: Property): string {
  const start = `    <property name="${name}" type="${type}" access="${access}"`;
  const inside = annotationsXml(annotations, '      ');
  return inside === '' ? `${start}/>\n` : `${start}>\n${inside}    </property>\n`;
}

function annotationsXml(annotations: Annotations = {}, indent: string): string {
  return Object.entries(annotations)
    .map(([name, value]) => `${indent}<annotation name="${name}" value="${value}"/>\n`)
    .join('');
}
