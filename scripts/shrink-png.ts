import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const COLOURS = 256;

/**
 * The same picture with a palette of its 256 most frequent colours, others by the nearest of them: a third
 * of the bytes, for pictures of pages. It takes what Chromium writes: 8 bits a channel, not interlaced.
 */
export function shrinkPng(png: Buffer): Buffer {
  const { width, height, channels, data } = chunksOf(png);
  const pixels = unfilter(inflateSync(data), width * channels, height, channels);
  const counts = new Map<number, number>();
  const colours = new Uint32Array(width * height);
  for (let n = 0; n < colours.length; n++) {
    const colour = pixels.readUIntBE(n * channels, 3);
    colours[n] = colour;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const ranked = [...counts].sort((a, b) => b[1] - a[1]).map(([colour]) => colour);
  const palette = ranked.slice(0, COLOURS);
  const places = new Map(ranked.map((colour) => [colour, nearest(colour, palette)]));
  const rows = Buffer.alloc((width + 1) * height); // each row begins with its filter: none
  for (let n = 0; n < colours.length; n++)
    rows[n + 1 + Math.floor(n / width)] = places.get(colours[n] ?? 0) ?? 0;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3], 8); // 8 bits, a palette
  const plte = Buffer.alloc(3 * palette.length);
  palette.forEach((colour, n) => plte.writeUIntBE(colour, 3 * n, 3));
  const packed = deflateSync(rows, { level: 9, memLevel: 9 });
  const parts = [chunk('IHDR', head), chunk('PLTE', plte), chunk('IDAT', packed), chunk('IEND')];
  return Buffer.concat([SIGNATURE, ...parts]);
}

function chunksOf(png: Buffer) {
  const parts: Buffer[] = [];
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const channels = png[25] === 6 ? 4 : 3; // RGBA or RGB
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  return { width, height, channels, data: Buffer.concat(parts) };
}

/** Each byte was written as its difference to what its neighbours let one expect. */
function unfilter(raw: Buffer, stride: number, height: number, channels: number): Buffer {
  const out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x >= channels ? (out[at - channels] ?? 0) : 0;
      const up = y > 0 ? (out[at - stride] ?? 0) : 0;
      const corner = x >= channels && y > 0 ? (out[at - stride - channels] ?? 0) : 0;
      const expected = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
      out[at] = ((raw[y * (stride + 1) + 1 + x] ?? 0) + expected) & 0xff;
    }
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((one) => Math.abs(guess - one)) as [
    number,
    number,
    number,
  ];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function nearest(colour: number, palette: number[]): number {
  const distance = (other: number): number =>
    [16, 8, 0].reduce((sum, bits) => {
      const difference = ((colour >> bits) & 0xff) - ((other >> bits) & 0xff);
      return sum + difference * difference;
    }, 0);
  let best = 0;
  palette.forEach((other, n) => {
    if (distance(other) < distance(palette[best] ?? 0)) best = n;
  });
  return best;
}

function chunk(name: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
