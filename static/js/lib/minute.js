/**
 * Seconds that are left of what is shown for a while, told once a second: first at once, and
 * with 0 again and again once it is over. By our own clock, for theirs may differ.
 *
 * @param {number} seconds
 * @param {(left: number) => void} tell
 * @returns {() => void} ends it
 */
export function counted(seconds, tell) {
  const ends = performance.now() + seconds * 1_000;
  const tick = () => tell(Math.max(0, Math.ceil((ends - performance.now()) / 1_000)));
  const ticking = setInterval(tick, 1_000);
  tick();
  return () => clearInterval(ticking);
}
