/** Names that a mail may say, each by what a User-Agent has of it; the first that fits. */
const programs: readonly [part: RegExp, name: string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrom(?:e|ium)\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
];
const systems: readonly [part: RegExp, name: string][] = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b/, 'an iPhone'],
  [/\biPad\b/, 'an iPad'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'a Mac'],
  [/\bLinux\b/, 'Linux'],
];

/**
 * A device in a mail: `Firefox on Linux`. Of the User-Agent nothing is quoted, for whoever causes a mail
 * writes it: it would be their text in a mail from us.
 *
 * @returns undefined when nothing of it is known
 */
export function describeDevice(userAgent: string): string | undefined {
  const nameOf = (table: typeof programs): string | undefined =>
    table.find(([part]) => part.test(userAgent))?.[1];
  const [program, system] = [nameOf(programs), nameOf(systems)];
  if (program === undefined) return system;
  return system === undefined ? program : `${program} on ${system}`;
}
