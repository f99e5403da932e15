/** Makes something of a value once, for as long as the value is there: of values that never change. */
export function once<K extends object, T>(make: (from: K) => T): (from: K) => T {
  const made = new WeakMap<K, { readonly is: T }>();
  return (from) => {
    const known = made.get(from);
    if (known !== undefined) return known.is;
    const is = make(from);
    made.set(from, { is });
    return is;
  };
}
