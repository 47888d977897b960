import { mediaEngineContract } from './media-engine.contract.ts';

mediaEngineContract('native');
