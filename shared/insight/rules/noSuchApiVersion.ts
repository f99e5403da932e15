import { fieldOf } from '../../manifest/manifest.ts';
import { kindsIn, versionMeant } from '../../manifest/validation/builtInKinds.ts';
import { replacing, safely } from '../fixes.ts';
import { rule } from '../rule.ts';
import { isLike } from '../spelling.ts';

/**
 * A built-in kind in a version that no Kubernetes has had it in, or a slip of one in a version of its own. Those that it had and lost are `goneApiVersion`'s.
 */
export const noSuchApiVersion = rule({
  id: 'no-such-api-version',
  topic: 'api',
  severity: 'error',
  meaning: 'The API server has no such kind in that version: nothing of the manifest comes to be.',
  remedy: 'Write the version, or the kind, that there is.',
  link: 'https://kubernetes.io/docs/reference/using-api/#api-versioning',
  refuses: 'API server',
  about: 'object',
  *check(manifest) {
    const { kind, apiVersion } = manifest;
    const known = kindsIn(apiVersion);
    const near = known.includes(kind) ? undefined : known.find((each) => isLike(each, kind));
    if (near !== undefined) {
      yield {
        message: `No matches for kind "${kind}" in version "${apiVersion}"; write ${near}.`,
        at: fieldOf(manifest, 'kind'),
        fixes: safely(replacing(`Write ${near}`, manifest, near, 'kind')),
      };
      return;
    }
    const meant = versionMeant(manifest);
    if (meant === null) return;
    yield {
      message: `No matches for kind "${kind}" in version "${apiVersion}"; write ${meant}.`,
      at: fieldOf(manifest, 'apiVersion'),
      fixes: safely(replacing(`Write ${meant}`, manifest, meant, 'apiVersion')),
    };
  },
  bad: {
    says: 'No matches for kind "Service" in version "v2"; write v1.',
    yaml: `
apiVersion: v2
            ~~
kind: Service
metadata: { name: web }
spec: { ports: [{ port: 80 }] }
---
apiVersion: v1
            ~~
kind: Ingress
metadata: { name: web }
spec: { defaultBackend: { service: { name: web, port: { number: 80 } } } }
---
apiVersion: apps/v1
kind: Deploymnet
      ~~~~~~~~~~
metadata: { name: web }
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { ports: [{ port: 80 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec: { defaultBackend: { service: { name: web, port: { number: 80 } } } }
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: hello }
`,
  isMended: true,
});
