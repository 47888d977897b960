import { MemorySharedState } from '../../apps/control-plane/src/state/memory-shared-state.ts';
import { sharedStateContract } from './shared-state.contract.ts';

sharedStateContract('memory', async () => new MemorySharedState());
