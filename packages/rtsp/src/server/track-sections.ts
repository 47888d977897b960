/** Which section of a stream an address of SETUP means; undefined when none. */
export function sectionOf(
  path: string,
  stream: { readonly path: string; readonly controls: readonly string[] },
): number | undefined {
  const { controls } = stream;
  const control = path.startsWith(`${stream.path}/`) ? path.slice(stream.path.length + 1) : '';
  const index = controls.findIndex((name) => name === control || (name !== '' && path.endsWith(name)));
  if (index >= 0) return index;
  return controls.length === 1 && path === stream.path ? 0 : undefined;
}

/** Control names of the sections that a publisher announces. */
export function announcedControls(sdp: string): string[] {
  return sdp
    .split(/\r?\n(?=m=)/)
    .slice(1)
    .map((section, index) => {
      const control = /^a=control:\s*(\S+)/im.exec(section)?.[1] ?? `streamid=${index}`;
      return (
        control
          .replace(/^rtsps?:\/\/[^/]*\/?/i, '')
          .split('/')
          .at(-1) ?? ''
      );
    });
}
