// Tracks and samples in, ISO BMFF bytes out: init segments, movie fragments, RFC 6381 codec strings. Pure.
// Not its job: when to cut, which time line, and anything that reads files (src/testing reads, for tests alone).
export { codecString } from './codec-string.ts';
export { canPackage, initSegment } from './init-segment.ts';
export { type FragmentSample, type FragmentTrack, mediaFragment } from './media-fragment.ts';
