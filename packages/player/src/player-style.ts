/** Style of the element's inside; the variables and parts that a page may use are named in the README. */
export const PLAYER_STYLE = `
:host {
  display: block;
  position: relative;
  aspect-ratio: 16 / 9;
  overflow: hidden;
  contain: layout paint style;
  background: var(--vedette-background, #000);
}
:host([hidden]) { display: none; }
.stage, video, .sound { position: absolute; inset: 0; width: 100%; height: 100%; }
.stage { isolation: isolate; }
.stage.stale { opacity: var(--vedette-stale-opacity, 0.4); }
video { object-fit: var(--vedette-fit, contain); pointer-events: none; }
video.shown { z-index: 1; }
.sound {
  z-index: 2;
  container-type: size;
  background: var(--vedette-background, #000);
  color: var(--vedette-sound, #a9cdf2);
}
.sound canvas { position: absolute; left: 8%; width: 84%; top: 18%; height: 46%; }
.sound p {
  position: absolute;
  inset: 69% 8% auto;
  margin: 0;
  overflow: hidden;
  display: -webkit-box;
  -webkit-box-orient: vertical;
  -webkit-line-clamp: 2;
  text-align: center;
  text-wrap: balance;
  font-family: var(--vedette-font, system-ui, sans-serif);
  font-size: clamp(0.75rem, 5.2cqh, 1.375rem);
  font-weight: 500;
  line-height: 1.3;
  color: var(--vedette-text, #f2f5f8);
}
@container (max-height: 90px) { .sound p { display: none; } }
.status {
  position: absolute;
  left: 0.5rem;
  bottom: 0.5rem;
  max-width: calc(100% - 1rem);
  box-sizing: border-box;
  padding: 0.2em 0.6em;
  border-radius: 0.3em;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
  font: 500 0.8125rem/1.4 system-ui, sans-serif;
  color: #fff;
  background: rgb(0 0 0 / 0.72);
}
.status.quiet, :host([overlay="none"]) .status { visibility: hidden; }
`;
