/** A page with a wall of players; `wall` in it opens, closes and asks them. */
export const PLAYER_PAGE = `<!doctype html>
<meta charset="utf-8">
<style>
  body { margin: 0; background: #111; }
  main { display: grid; grid-template-columns: repeat(3, 1fr); gap: 4px; }
</style>
<main></main>
<script type="module">
  import * as player from '/player.js';
  let openPeers = 0;
  window.RTCPeerConnection = class extends RTCPeerConnection {
    #open = true;
    constructor(...options) { super(...options); openPeers += 1; }
    close() { if (this.#open) openPeers -= 1; this.#open = false; super.close(); }
  };
  const api = { fetch: (path, init) => { api.calls += 1; return api.down ? Promise.reject(new TypeError('away')) : fetch(path, init); }, calls: 0, down: false };
  const environment = player.createPlayerEnvironment({ api });
  player.defineVedettePlayer({ environment });
  const main = document.querySelector('main');
  const shots = new Map();
  window.wall = {
    api, environment,
    tile: (name) => document.querySelector('[name="' + name + '"]'),
    open(name, attributes = {}) {
      const tile = document.createElement('vedette-player');
      const log = { firstframes: [], states: [], decisions: [], switches: [], black: [] };
      shots.set(name, log);
      tile.addEventListener('firstframe', ({ detail }) => log.firstframes.push(detail));
      tile.addEventListener('statechange', ({ detail }) => log.states.push(detail.state + ':' + detail.reason));
      tile.addEventListener('decision', ({ detail }) => log.decisions.push(detail));
      tile.addEventListener('switchfailed', ({ detail }) => log.switches.push(detail));
      tile.setAttribute('name', name);
      for (const [key, value] of Object.entries({ camera: name, tiles: '9', ...attributes })) tile.setAttribute(key, value);
      main.append(tile);
      tile.play();
    },
    close(name) { this.tile(name).remove(); },
    log: (name) => shots.get(name),
    status(name) { return this.tile(name).status; },
    stats(name) { return this.tile(name).stats(); },
    videos(name) { return [...this.tile(name).shadowRoot.querySelectorAll('video')]; },
    openPeers: () => openPeers,
    watchForBlack(name) {
      const look = () => {
        const tile = this.tile(name);
        if (tile === null) return;
        const video = this.shown(name);
        if (video === null) shots.get(name).black.push('no video');
        else if (video.videoWidth === 0 || video.readyState < 2) shots.get(name).black.push('ready ' + video.readyState);
        requestAnimationFrame(look);
      };
      look();
    },
    shown(name) { return this.tile(name).shadowRoot.querySelector('video.shown'); },
  };
  window.ready = true;
</script>`;
