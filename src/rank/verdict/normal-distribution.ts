/**
 * P(Z > z) of the standard normal distribution, z >= 0: Abramowitz and Stegun 26.2.17, absolute
 * error below 7.5e-8. Beyond 6 it returns 0, which is exact enough for its callers.
 */
export function normalTail(z: number): number {
  if (z > 6) return 0;
  const t = 1 / (1 + 0.2316419 * z);
  const sum = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
