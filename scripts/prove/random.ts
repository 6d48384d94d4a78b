// Random numbers that a seed makes again, for proofs whose failures must be repeatable: xorshift128,
// https://www.jstatsoft.org/article/view/v008i14.

export interface Random {
  /** A whole number from 0 to below `bound`. */
  below(bound: number): number;
  /** True once in `times`. */
  chance(times: number): boolean;
}

export function randomFrom(seed: number): Random {
  let x = 123_456_789 ^ seed;
  let y = 362_436_069;
  let z = 521_288_629 ^ Math.imul(seed, 2_654_435_761);
  let w = 88_675_123;

  function next(): number {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return w >>> 0;
  }

  for (let i = 0; i < 20; i++) next();
  function below(bound: number): number {
    const fraction = (next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53;
    return Math.floor(fraction * bound);
  }
  return { below, chance: (times) => below(times) === 0 };
}
