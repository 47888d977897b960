// A file of its own: two engines with WebRTC in one process, of which one has been closed, are not what anybody runs.
import { describe, it } from 'vitest';
import { mediaMtxBinary } from '../support/engine-node.ts';
import { mediaEngineContract } from './media-engine.contract.ts';

if ((await mediaMtxBinary()) === undefined)
  describe('the mediamtx engine', () => {
    it.skip('skipped: no MediaMTX (MEDIAMTX_BIN, or a program mediamtx in PATH)', () => undefined);
  });
else mediaEngineContract('mediamtx');
