import { describe, expect, it } from 'vitest';
import { fittingNodes } from './fitting-nodes.ts';

const node = (id: string, labels: Record<string, string> = {}) => ({ id, labels });
const core = node('core');
const east = node('east', { site: 'east', role: 'edge' });
const hls = node('hls', { pool: 'hls' });
const webrtc = node('webrtc', { pool: 'webrtc' });
const ids = (nodes: readonly { id: string }[]) => nodes.map(({ id }) => id);

describe('nodes that a camera belongs on', () => {
  it('are those of its site while there is one, and none of another site ever', () => {
    expect(ids(fittingNodes([core, east], { siteId: 'east' }))).toEqual(['east']);
    expect(ids(fittingNodes([core, east], { siteId: 'west' }))).toEqual(['core']);
    expect(ids(fittingNodes([core, east], { siteId: null }))).toEqual(['core']);
    expect(ids(fittingNodes([core], { siteId: 'east' }))).toEqual(['core']);
    expect(ids(fittingNodes([east], { siteId: null }))).toEqual([]);
  });

  it('are those of the pool for the protocol, or of any, or else all', () => {
    expect(ids(fittingNodes([core, hls, webrtc], { siteId: null, protocol: 'webrtc' }))).toEqual([
      'core',
      'webrtc',
    ]);
    expect(ids(fittingNodes([core, hls, webrtc], { siteId: null, protocol: 'rtsp' }))).toEqual([
      'core',
      'webrtc',
    ]);
    expect(ids(fittingNodes([hls, webrtc], { siteId: null, protocol: 'hls' }))).toEqual(['hls']);
    expect(ids(fittingNodes([hls], { siteId: null, protocol: 'webrtc' }))).toEqual(['hls']);
    expect(ids(fittingNodes([hls, webrtc], { siteId: null }))).toEqual(['hls', 'webrtc']);
  });
});
