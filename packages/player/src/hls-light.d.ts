// The same class without subtitles, alternate audio and DRM; the package ships no types for this entry.
declare module 'hls.js/light' {
  export * from 'hls.js';
  export { default } from 'hls.js';
}
