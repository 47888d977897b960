/** Size and rate of a picture as far as they are known: `1280×720 · 15 fps`; empty when nothing is. */
export function formatPicture(picture: {
  readonly width: number | null;
  readonly height: number | null;
  readonly frameRate: number | null;
}): string {
  const { width, height, frameRate } = picture;
  const parts: string[] = [];
  if (width !== null && height !== null) parts.push(`${width}×${height}`);
  // Measured rates waver around the camera's own; below five the difference matters.
  if (frameRate !== null) parts.push(`${Number(frameRate.toFixed(frameRate < 5 ? 1 : 0))} fps`);
  return parts.join(' · ');
}
