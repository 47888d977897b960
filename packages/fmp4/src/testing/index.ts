// Reads back what this package writes, for tests. Not a demuxer.

export { type Box, findBoxes, parseBoxes } from './parse-boxes.ts';
export { type ParsedFragment, type ParsedTrackRun, parseFragments } from './parse-fragments.ts';
export { AAC_TRACK, H264_TRACK, H265_TRACK, OPUS_TRACK } from './sample-tracks.ts';
