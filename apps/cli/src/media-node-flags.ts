/**
 * V8 lets the space for new objects grow to many times this under load and keeps it, which looks like a leak for
 * hours. Frames are not in it; measured over 5000 joins: 142 to 143 MB resident with it, 152 to 189 MB without.
 */
export const MEDIA_NODE_FLAGS = ['--max-semi-space-size=4'] as const;
