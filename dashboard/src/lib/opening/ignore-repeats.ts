/** A key that is held down repeats itself; only its first stroke is anybody's wish. */
export function ignoreRepeats(part: HTMLElement): () => void {
  const ignore = (event: KeyboardEvent): void => {
    if (event.repeat && event.key === "Enter") event.preventDefault();
  };
  part.addEventListener("keydown", ignore);
  return () => part.removeEventListener("keydown", ignore);
}
