import { expect, test } from 'vitest';
import {
  arrowSentence,
  endsOf,
  endText,
  frameNote,
  frameTitle,
  sightsOf,
  titleOf,
} from '../client/panel/diagramWords.ts';
import { type Folded, folded, likenessOf } from '../client/panel/folding.ts';
import { placed } from '../client/panel/placing.ts';
import { beside, type Shown, stepFrom, stepText } from '../client/panel/stepping.ts';
import { type Diagram, diagramOf } from '../shared/trace/diagram.ts';
import { traceJson } from '../shared/trace/traceJson.ts';
import { crowded } from './crowded.ts';
import { sceneOf, traceExample } from './examples/example.ts';
import { cluster, traceIn } from './scene.ts';
import { crowd } from './workbench/panelAnswers.ts';

const noPlace = (): null => null;

function diagramIn(yaml: string, target = 'svc/web'): Diagram {
  const model = cluster(yaml);
  return diagramOf(model, traceIn(model, target), noPlace);
}

function diagramOfExample(row: string, target: string, from = 'internet'): Diagram {
  return diagramOf(sceneOf(row).model, traceExample(row, target, from), noPlace);
}

/** The picture as text: each node's frame with what is in it, then the arrows. */
function drawn(diagram: Diagram, apart: readonly string[] = []): string {
  const all = folded(diagram, likenessOf(diagram), new Set(apart));
  const { frames, groups, arrows } = all;
  return [
    ...frames.map((frame, index) => {
      const own = groups.flatMap((group) =>
        group.frame === index ? [[titleOf(group), ...endsOf(group).map(endText)].join(' ')] : [],
      );
      const title = index === 0 ? '-' : frameTitle(frame);
      return `[${title}] ${[...own, frameNote(frame)].filter((each) => each !== '').join(' | ')}`;
    }),
    ...arrows.map((arrow) => arrowSentence(arrow, groups)),
  ].join('\n');
}

function shownOf(diagram: Diagram): Shown {
  const all: Folded = folded(diagram, likenessOf(diagram), new Set());
  return { folded: all, arrows: all.arrows, placed: placed(all.frames, all.groups, all.arrows) };
}

test('a node is a frame, and one that is left out says why', () => {
  expect(drawn(diagramOfExample('A8', 'svc/shop'))).toMatchInlineSnapshot(`
    "[-] client | lb/shop
    [node-1] node/node-1 | pod/shop-0 | pod/shop-2
    [node-2] node/node-2 | pod/shop-1
    [node-3] no pod of Service shop, left out by the load balancer's health check; after a change it drops until the check notices
    client to lb/shop: 198.51.100.7 → 203.0.113.84:80
    lb/shop to node/node-1: 1/2 · 50 %; 198.51.100.7 → 192.168.0.11:30080; DNAT, was 203.0.113.84:80
    lb/shop to node/node-2: 1/2 · 50 %; 198.51.100.7 → 192.168.0.12:30080; DNAT, was 203.0.113.84:80
    node/node-1 to pod/shop-0: 1/4 · 25 %; 198.51.100.7 → 10.244.1.199:8080; DNAT, was 192.168.0.11:30080
    node/node-1 to pod/shop-2: 1/4 · 25 %; 198.51.100.7 → 10.244.1.117:8080; DNAT, was 192.168.0.11:30080
    node/node-2 to pod/shop-1: 1/2 · 50 %; 198.51.100.7 → 10.244.2.142:8080; DNAT, was 192.168.0.12:30080"
  `);
});

test('alike pods of a node are one', () => {
  expect(drawn(diagramIn(crowd(3, 50, 'Cluster')))).toMatchInlineSnapshot(`
    "[-] client | lb/web
    [node-1] node/node-1 | 17 pods
    [node-2] 17 pods | node/node-2
    [node-3] 16 pods | node/node-3
    client to lb/web: 198.51.100.7 → 203.0.113.200:80
    lb/web to node/node-1: 1/3 · ~33 %; 198.51.100.7 → 192.168.0.11:31649; DNAT, was 203.0.113.200:80
    node/node-1 to 17 pods: 17/150 · ~11 %, 1/150 each; 10.244.1.1 → own address:80; DNAT, was 192.168.0.11:31649; SNAT, was 198.51.100.7
    node/node-1 to 17 pods: 17/150 · ~11 %, 1/150 each; 192.168.0.11 → own address:80; crosses nodes; DNAT, was 192.168.0.11:31649; SNAT, was 198.51.100.7
    node/node-1 to 16 pods: 8/75 · ~11 %, 1/150 each; 192.168.0.11 → own address:80; crosses nodes; DNAT, was 192.168.0.11:31649; SNAT, was 198.51.100.7
    lb/web to node/node-2: 1/3 · ~33 %; 198.51.100.7 → 192.168.0.12:31649; DNAT, was 203.0.113.200:80
    node/node-2 to 17 pods: 17/150 · ~11 %, 1/150 each; 192.168.0.12 → own address:80; crosses nodes; DNAT, was 192.168.0.12:31649; SNAT, was 198.51.100.7
    node/node-2 to 16 pods: 8/75 · ~11 %, 1/150 each; 192.168.0.12 → own address:80; crosses nodes; DNAT, was 192.168.0.12:31649; SNAT, was 198.51.100.7
    node/node-2 to 17 pods: 17/150 · ~11 %, 1/150 each; 10.244.2.1 → own address:80; DNAT, was 192.168.0.12:31649; SNAT, was 198.51.100.7
    lb/web to node/node-3: 1/3 · ~33 %; 198.51.100.7 → 192.168.0.13:31649; DNAT, was 203.0.113.200:80
    node/node-3 to 17 pods: 17/150 · ~11 %, 1/150 each; 192.168.0.13 → own address:80; crosses nodes; DNAT, was 192.168.0.13:31649; SNAT, was 198.51.100.7
    node/node-3 to 17 pods: 17/150 · ~11 %, 1/150 each; 192.168.0.13 → own address:80; crosses nodes; DNAT, was 192.168.0.13:31649; SNAT, was 198.51.100.7
    node/node-3 to 16 pods: 8/75 · ~11 %, 1/150 each; 10.244.3.1 → own address:80; DNAT, was 192.168.0.13:31649; SNAT, was 198.51.100.7"
  `);
});

test.each(['Cluster', 'Local'] as const)('a crowd under %s is one of each', (policy) => {
  const diagram = diagramIn(crowd(100, 1000, policy));
  const { groups } = folded(diagram, likenessOf(diagram), new Set());
  expect(groups.map(titleOf)).toEqual(['client', 'lb/web', '100 nodes', '1,000 pods']);
});

const own = 'nginx.ingress.kubernetes.io/';

/** A tenth of the requests goes to two pods of another Service, the rest to 24. */
const canary = `${crowded
  .replace('count: 64', 'count: 2')
  .replace('replicas: 6\n', 'replicas: 1\n')
  .replace('replicas: 64', 'replicas: 24')}---
${crowded
  .slice(crowded.indexOf('apiVersion: networking'))
  .replaceAll('web', 'next')
  .replace('{ name: shop }', `{ name: next, annotations: { ${own}canary: "true", ${own}canary-weight: "10" } }`)
  .replace('replicas: 64', 'replicas: 2')}`;

const loop = crowded
  .replace('service: { name: web,', 'service: { name: controller,')
  .replace(/(count|replicas): \d+/g, '$1: 1');

test.each([
  ['a canary apart from the rest', canary, ['12 pods', 'pod/next-0', 'pod/next-1']],
  ['controllers apart from what is behind them', crowded, ['6 nodes', '58 nodes', '6 pods', '58 pods']],
  ['a proxy that asks itself, once for each time', loop, Array.from({ length: 8 }, () => 'pod/controller-0')],
])('the picture shows %s', (_, yaml, titles) => {
  const diagram = diagramIn(yaml, 'http://shop.example.com/');
  const { groups } = folded(diagram, likenessOf(diagram), new Set());
  const shown = groups.map(titleOf);
  for (const [title, expected] of Map.groupBy(titles, (each) => each))
    expect(shown.filter((each) => each === title).length).toBeGreaterThanOrEqual(expected.length);
});

test('nodes that drop are apart from those that do not', () => {
  expect(drawn(diagramIn(crowd(100, 3, 'Local').replace('LoadBalancer', 'NodePort')))).toMatchInlineSnapshot(`
    "[-] client
    [3 nodes: node-1 … node-3] 3 nodes | 3 pods
    [97 nodes: node-4 …] 97 nodes dropped: no pod on that node (97/100 · 97 %)
    client to 3 nodes: 3/100 · 3 %, 1/100 each; 198.51.100.7 → own address:31649
    client to 97 nodes: 97/100 · 97 %, 1/100 each; 198.51.100.7 → own address:31649
    3 nodes to 3 pods: 3/100 · 3 %, 1/100 each; 198.51.100.7 → own address:80; DNAT, was own address:31649"
  `);
});

test('what is taken out of a fold stands alone', () => {
  const diagram = diagramIn(crowd(100, 1000, 'Local'));
  expect(drawn(diagram, ['frame node-2'])).toMatchInlineSnapshot(`
    "[-] client | lb/web
    [99 nodes: node-1 …] 99 nodes | 990 pods
    [node-2] node/node-2 | 10 pods
    client to lb/web: 198.51.100.7 → 203.0.113.200:80
    lb/web to 99 nodes: 99/100 · 99 %, 1/100 each; 198.51.100.7 → own address:31649; DNAT, was 203.0.113.200:80
    lb/web to node/node-2: 1/100 · 1 %; 198.51.100.7 → 192.168.0.12:31649; DNAT, was 203.0.113.200:80
    99 nodes to 990 pods: 99/100 · 99 %, 1/1000 each; 198.51.100.7 → own address:80; DNAT, was own address:31649
    node/node-2 to 10 pods: 1/100 · 1 %, 1/1000 each; 198.51.100.7 → own address:80; DNAT, was 192.168.0.12:31649"
  `);
});

test('who sees whom, and where the client is lost', () => {
  const { groups, arrows } = shownOf(diagramOfExample('A6', 'http://192.168.0.11:30080/')).folded;
  expect(sightsOf(groups, arrows)).toMatchInlineSnapshot(`
    [
      {
        "client": "seen",
        "sees": "198.51.100.7 (client)",
        "who": "node/node-1",
      },
      {
        "client": "lost here",
        "sees": "10.244.1.1 (node/node-1)",
        "who": "pod/web-0",
      },
    ]
  `);
});

test('a pod that reaches itself has two boxes', () => {
  expect(drawn(diagramOfExample('A14', 'svc/web', 'pod/web-0'))).toMatchInlineSnapshot(`
    "[-] 
    [node-1] pod/web-0 | pod/web-0
    pod/web-0 to pod/web-0: 10.244.1.1 → 10.244.1.177:8080; DNAT, was 10.96.56.222:80; SNAT, was 10.244.1.177"
  `);
});

test('steps go along the way and back', () => {
  const shown = shownOf(diagramOfExample('A8', 'svc/shop'));
  const { groups } = shown.folded;
  const first = stepFrom(shown, { kind: 'box', index: 0 }, 1);
  const second = first === null ? null : stepFrom(shown, first, 1);
  expect([first, second].map((spot) => (spot === null ? '' : stepText(shown, spot.index)))).toEqual([
    'step 1 of 3',
    'step 2 of 3',
  ]);
  const [lb, arrow] = [
    beside(shown, { kind: 'arrow', index: 0 }, 'right'),
    beside(shown, { kind: 'box', index: 1 }, 'right'),
  ];
  expect(groups[lb.index]?.first.party).toBe('lb/shop');
  expect(beside(shown, arrow, 'left')).toEqual({ kind: 'box', index: 1 });
  expect(beside(shown, { kind: 'box', index: 0 }, 'left')).toEqual({ kind: 'box', index: 0 });
});

test.each([
  ['A8', 'svc/shop'],
  ['A6', 'svc/web'],
  ['E1', 'https://shop.example.com/cart/7'],
  ['B5', 'http://app.example.com/'],
])('in the picture of %s nothing lies on anything else', (row, target) => {
  const { placed: picture } = shownOf(diagramOfExample(row, target));
  const rectangles = [...picture.boxes, ...picture.arrows.map(({ label }) => label)];
  for (const [index, a] of rectangles.entries())
    for (const b of rectangles.slice(index + 1)) {
      const isApart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      expect(isApart).toBe(true);
    }
  for (const { x, y, width, height } of [...rectangles, ...picture.frames]) {
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(picture.width);
    expect(y + height).toBeLessThanOrEqual(picture.height);
  }
});

test('the shares of the picture are those of the trace', () => {
  const trace = traceExample('A8', 'svc/shop');
  const { boxes } = diagramOf(sceneOf('A8').model, trace, noPlace);
  expect(boxes.flatMap(({ party, delivered }) => (delivered === null ? [] : [`${party} ${delivered}`]))).toEqual(
    traceJson(trace, noPlace).paths.map(({ verdict, probability }) => `pod/${verdict.pod} ${probability}`),
  );
});

test('hostile names are text that turns no line around', () => {
  const yaml = crowd(1, 1, 'Cluster');
  const [services, deployment] = [
    yaml.slice(0, yaml.indexOf('kind: Deployment')),
    yaml.slice(yaml.indexOf('kind: Deployment')),
  ];
  const diagram = diagramIn(services + deployment.replace('{ name: web }', '{ name: "<img src=x>\\u202eb" }'));
  expect(diagram.boxes.map(({ party }) => party)).toContain('pod/<img src=x>\\u202eb-0');
  expect(JSON.stringify(diagram)).not.toContain('\u202e');
});
