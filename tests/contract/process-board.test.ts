import { MemoryBoards, MemoryProcessBoard } from '../../apps/control-plane/src/state/memory-process-board.ts';
import { processBoardContract } from './process-board.contract.ts';

processBoardContract('memory', async (count) => {
  const boards = new MemoryBoards();
  return Array.from({ length: count }, () => new MemoryProcessBoard(boards));
});
