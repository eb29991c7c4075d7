import { isIPv4 } from 'node:net';
import { z } from 'zod';
import { addressMatcher } from '../../../platform/security/internal-addresses.js';

const MAX = 2048;

/** Networks that are not of the public Internet (RFC 6890), and those in which IPv4 addresses hide. */
const isSpecial = addressMatcher([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...[
    '::/96',
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '100::/64',
    '2001::/23',
    '2001:db8::/32',
    '2002::/16',
  ],
  ...['3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
]);
/** Names that lead to no public host. */
const special =
  /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home|corp|private|test|invalid|onion|alt|arpa)$/;

/** The address of a picture that anybody may load: https, a public host, no credentials. */
export const avatarUrl = z
  .string()
  .max(MAX)
  .refine(isPublicUrl, 'expected an https URL of a public host, without credentials')
  .overwrite((value) => (URL.canParse(value) ? new URL(value).href : value))
  .max(MAX)
  .meta({ format: 'uri', examples: ['https://example.com/ada.png'] });

const credentials = /^[a-z]+:[/\\]*[^/\\?#]*@/i;

function isPublicUrl(value: string): boolean {
  if (!URL.canParse(value) || credentials.test(value.trim())) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' && isPublicHost(hostname.replace(/\.$/, ''), value);
}

/** @param host as URL wrote it: lower case, in ASCII, an IPv4 address always in four decimal parts */
function isPublicHost(host: string, written: string): boolean {
  if (host.startsWith('[')) return isPublicIPv6(host.slice(1, -1));
  if (isIPv4(host)) {
    // `https://134744072/` and `https://010.8.8.8/` are addresses too, to some; nobody writes them in good faith.
    return written.toLowerCase().includes(`//${host}`) && !isSpecial(host);
  }
  return host.includes('.') && !special.test(host);
}

function isPublicIPv6(address: string): boolean {
  // URL writes mapped addresses as `::ffff:7f00:1`; whatever is in them, they are no address of their own.
  return !address.startsWith('::ffff:') && !isSpecial(address);
}
