/** The stream of snapshots, for as long as the page is open, whatever becomes of the other end. */

const SILENCE_MS = 5000;
/** After an answer that is an error, longer each time: as many may be open as the process serves. */
const AGAIN_MS = [2000, 5000, 10_000];

/**
 * @param {{ data(snapshot: object): void, lost(): void }} listener
 *   `lost` is called when nothing comes any more, once until the next data
 */
export function follow(listener) {
  let source;
  let silence;
  let lost = false;
  let refused = 0;

  const open = () => {
    source = new EventSource('/console/stream');
    source.onmessage = ({ data }) => {
      lost = false;
      refused = 0;
      watch();
      listener.data(JSON.parse(data));
    };
    source.onerror = () => {
      lose();
      // The browser tries again by itself, but not after an answer that is an error.
      if (source.readyState === EventSource.CLOSED)
        setTimeout(open, AGAIN_MS[Math.min(refused++, AGAIN_MS.length - 1)]);
    };
  };
  const lose = () => {
    clearTimeout(silence);
    if (!lost) listener.lost();
    lost = true;
  };
  const watch = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      lose();
      source.close();
      open();
    }, SILENCE_MS);
  };
  open();
  watch();
}
