import type { CameraRendition, RenditionSpec } from '@vedette/contracts';

/** What a rendition is where nobody says otherwise: small for a grid, or what every browser plays of a main stream. */
const DEFAULTS: Readonly<Record<CameraRendition['profile'], RenditionSpec>> = {
  sub: { height: 360, frameRate: 12, bitsPerSecond: 500_000 },
  lite: { height: 720, frameRate: 25, bitsPerSecond: 2_000_000 },
};

export function renditionSpec({ profile, ...given }: CameraRendition): RenditionSpec {
  return { ...DEFAULTS[profile], ...given };
}
