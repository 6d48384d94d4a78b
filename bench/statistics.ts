// Middles and spreads of repeated measurements, and whether two lots of them differ.

/** Not a number of an empty list. */
export function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The median distance from the median: one bad round does not move it. */
export function spreadOf(numbers: readonly number[]): number {
  const median = medianOf(numbers);
  return medianOf(numbers.map((number) => Math.abs(number - median)));
}

/** Each round relative to the base's same round; rounds that the base lacks are left out. */
export function ratiosOf(numbers: readonly number[], base: readonly number[]): number[] {
  return numbers.flatMap((number, i) => {
    const other = base[i];
    return other === undefined ? [] : [number / other];
  });
}

/** Welch's t of two samples whose variances may differ; not a number below two values each. */
export function welchT(a: readonly number[], b: readonly number[]): number {
  const [first, second] = [momentsOf(a), momentsOf(b)];
  return (first.mean - second.mean) / Math.sqrt(first.error + second.error);
}

/** The mean, and the variance of that mean. */
function momentsOf(numbers: readonly number[]): { mean: number; error: number } {
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const squares = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0);
  return { mean, error: squares / (numbers.length - 1) / numbers.length };
}
