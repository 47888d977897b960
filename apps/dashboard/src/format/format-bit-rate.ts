/** Bits a second in the largest unit that keeps three figures readable: `850 kbit/s`, `1.24 Mbit/s`. */
export function formatBitRate(bitsPerSecond: number): string {
  if (bitsPerSecond < 999.5) return `${Math.round(bitsPerSecond)} bit/s`;
  if (bitsPerSecond < 999_500) return `${Math.round(bitsPerSecond / 1e3)} kbit/s`;
  if (bitsPerSecond < 999_500_000) return `${threeFigures(bitsPerSecond / 1e6)} Mbit/s`;
  return `${threeFigures(bitsPerSecond / 1e9)} Gbit/s`;
}

function threeFigures(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : String(Math.round(value));
}
