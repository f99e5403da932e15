declare module 'jstat' {
  /** The part that the lab uses: distributions by name. */
  const jstat: { readonly chisquare: { cdf(x: number, degreesOfFreedom: number): number } };
  export default jstat;
}
