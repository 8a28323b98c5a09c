/** Runs something before the browser's next picture, once. */
export function beforePaint(run: () => void): () => void {
  const asked = requestAnimationFrame(run);
  return () => cancelAnimationFrame(asked);
}
