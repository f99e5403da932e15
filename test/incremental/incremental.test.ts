import { expect, test } from 'vitest';
import { asksOfIngress, asksOfRoute, asksOfService, requestOf } from '../../shared/insight/asks.ts';
import type { Scene } from '../../shared/insight/scene.ts';
import type { Field, Manifest } from '../../shared/manifest/manifest.ts';
import { Workspace } from '../../shared/insight/workspace.ts';
import { traceText } from '../../shared/trace/traceText.ts';
import { traceRequest } from '../../shared/trace/traceRequest.ts';
import { seededRandom } from '../seededRandom.ts';
import { randomEdit, randomWorkspace } from './randomWorkspace.ts';

/** Everything that is said of one file: lenses, diagnostics and traces, as text. */
function saidOf(workspace: Workspace, uri: string): string {
  const scene = workspace.sceneOf(uri);
  if (scene === null) return 'unknown';
  const { model } = scene;
  const isOwn = ({ manifest }: { readonly manifest: Manifest }): boolean => manifest.uri === uri;
  const asks = [
    ...model.services.filter(isOwn).flatMap(asksOfService),
    ...model.ingresses.filter(isOwn).flatMap((ingress) => asksOfIngress(model, ingress)),
    ...model.gatewayApi.routes.filter(isOwn).flatMap((route) => asksOfRoute(model, route)),
  ];
  const traces = asks.map((asked) =>
    traceText(traceRequest(model, requestOf(asked, { kind: 'internet' })), (field) => placeIn(scene, field)),
  );
  return JSON.stringify([workspace.lenses(uri), workspace.findings(uri), traces]);
}

function placeIn(scene: Scene, field: Field): { readonly file: string; readonly line: number } | null {
  const site = scene.siteOf(field);
  return site === null ? null : { file: site.uri, line: site.range.start.line + 1 };
}

function cold(texts: ReadonlyMap<string, string>): Workspace {
  const workspace = new Workspace(['/work']);
  for (const [uri, text] of texts) workspace.put(uri, text);
  return workspace;
}

const seed = Number(process.env.SEED ?? 20261121);

test(`500 edits of a 200-manifest workspace answer as a cold start does (SEED=${seed})`, { timeout: 120_000 }, () => {
  const random = seededRandom(seed);
  const texts = randomWorkspace(random, 200);
  const live = cold(texts);
  for (let edit = 0; edit < 500; edit++) {
    const uri = random.pick([...texts.keys()]);
    if (random.below(40) === 0) {
      texts.delete(uri);
      live.remove(uri);
    } else {
      const text = randomEdit(random, texts.get(uri) ?? '');
      texts.set(uri, text);
      live.put(uri, text);
    }
    const fresh = cold(texts);
    // Every file that is judged together with the edited one, and one from anywhere.
    const near = new Set([uri, random.pick([...texts.keys()]), ...(fresh.sceneOf(uri)?.set.uris ?? [])]);
    for (const each of near) expect(saidOf(live, each), `edit ${edit}, ${each}`).toBe(saidOf(fresh, each));
  }
});

test(`no text crashes or hangs anything, and probabilities sum to one (SEED=${seed})`, { timeout: 120_000 }, () => {
  const random = seededRandom(seed + 1);
  const texts = [...randomWorkspace(random, 30).values()];
  for (let round = 0; round < 400; round++) {
    let text = random.pick(texts);
    for (let edits = 1 + random.below(8); edits > 0; edits--) text = randomEdit(random, text);
    const workspace = cold(new Map([['/work/a.yaml', text]]));
    saidOf(workspace, '/work/a.yaml');
    const scene = workspace.sceneOf('/work/a.yaml');
    if (scene === null) continue;
    const { model } = scene;
    for (const asked of [
      ...model.services.flatMap(asksOfService),
      ...model.gatewayApi.routes.flatMap((route) => asksOfRoute(model, route)),
    ]) {
      const [first, ...rest] = traceRequest(model, requestOf(asked, { kind: 'internet' })).paths.map(
        ({ probability }) => probability,
      );
      expect(rest.reduce((sum, each) => sum.add(each), first ?? rest[0]!).toFraction(), text).toBe('1');
    }
  }
});
