import type { Device } from '../camera-record.ts';

const MAX_CHARS = 200;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/**
 * Read from the answer itself: the library turns what looks like a number into one, and firmware 1.10
 * is not 1.1. Any namespace prefix will do.
 */
export function deviceOf(xml: string): Device {
  const field = (name: string) => {
    const text = new RegExp(`<(?:[\\w.-]+:)?${name}(?:\\s[^>]*)?>([^<]{0,1000})<`, 'i').exec(xml)?.[1] ?? '';
    return text
      .replace(/&(?:#(\d{1,6})|(\w{2,4}));/g, (whole, code?: string, name?: string) =>
        code === undefined ? (ENTITIES[name ?? ''] ?? whole) : character(Number(code)),
      )
      .replace(/\p{Cc}/gu, '')
      .trim()
      .slice(0, MAX_CHARS)
      .toWellFormed();
  };
  return {
    manufacturer: field('Manufacturer'),
    model: field('Model'),
    firmware: field('FirmwareVersion'),
    serial: field('SerialNumber'),
  };
}

function character(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}
