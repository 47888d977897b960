export interface Box {
  readonly type: string;
  /** Content after size and type. */
  readonly body: Buffer;
  readonly children: readonly Box[];
  /** Of the box itself, from the start of what was parsed. */
  readonly offset: number;
}

const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'dinf', 'mvex', 'moof', 'traf']);

/** Every box of `data`; throws when sizes do not add up. */
export function parseBoxes(data: Uint8Array, base = 0): Box[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const boxes: Box[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 8 > bytes.length) throw new Error(`a box header is cut short at ${base + at}`);
    const size = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (size < 8 || at + size > bytes.length) throw new Error(`box ${type} at ${base + at} has size ${size}`);
    const body = bytes.subarray(at + 8, at + size);
    const children = CONTAINERS.has(type) ? parseBoxes(body, base + at + 8) : [];
    boxes.push({ type, body, children, offset: base + at });
    at += size;
  }
  return boxes;
}

/** All boxes at a path such as `moov/trak/mdia`. */
export function findBoxes(boxes: readonly Box[], path: string): Box[] {
  const [head, ...rest] = path.split('/');
  const found = boxes.filter((candidate) => candidate.type === head);
  return rest.length === 0
    ? found
    : found.flatMap((candidate) => findBoxes(candidate.children, rest.join('/')));
}
