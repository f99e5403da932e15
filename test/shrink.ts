/**
 * The smallest JSON that still fails: lists lose items and objects lose fields, one by one, as long as `fails` stays
 * true. An exception counts as not failing, so that what is left is still a case of the same kind. At most `tries`
 * attempts.
 */
export async function shrink<T>(value: T, fails: (candidate: T) => Promise<boolean>, tries = 2000): Promise<T> {
  let smallest = value;
  let left = tries;
  const holds = async (candidate: T): Promise<boolean> => {
    left--;
    try {
      return await fails(candidate);
    } catch {
      return false;
    }
  };
  for (let progress = true; progress && left > 0;) {
    progress = false;
    for (const path of removable(smallest)) {
      if (left <= 0) break;
      const candidate = without(smallest, path);
      if (candidate === undefined || !(await holds(candidate))) continue;
      smallest = candidate;
      progress = true;
      break;
    }
  }
  return smallest;
}

type JsonPath = readonly (string | number)[];

/** Every item and field, the outermost first. */
function removable(value: unknown): JsonPath[] {
  const paths: JsonPath[] = [];
  const queue: { value: unknown; path: JsonPath }[] = [{ value, path: [] }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const entries: [string | number, unknown][] = Array.isArray(next.value)
      ? next.value.map((item, index) => [index, item])
      : typeof next.value === 'object' && next.value !== null
        ? Object.entries(next.value)
        : [];
    for (const [key, item] of entries) {
      const path = [...next.path, key];
      paths.push(path);
      queue.push({ value: item, path });
    }
  }
  return paths;
}

function without<T>(value: T, path: JsonPath): T | undefined {
  const copy: T = structuredClone(value);
  let holder: unknown = copy;
  for (const key of path.slice(0, -1)) holder = isHolder(holder) ? Reflect.get(holder, key) : undefined;
  const last = path.at(-1);
  if (!isHolder(holder) || last === undefined) return undefined;
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else Reflect.deleteProperty(holder, last);
  return copy;
}

function isHolder(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
