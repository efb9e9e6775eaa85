/**
 * The options in a plugin-runner.conf(5mandos): words between white space, from `#` to the end
 * of a line is a comment wherever it stands, and nothing quotes anything.
 */
export function configWords(text: string): string[] {
  return text
    .replace(/#[^\n]*/g, '')
    .split(/[ \t\n\v\f\r]+/)
    .filter((word) => word !== '');
}
