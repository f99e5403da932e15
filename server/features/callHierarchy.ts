import {
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  type Position,
  SymbolKind,
} from 'vscode-languageserver';
import { type PlacedStop, stopsAt, stopsBefore, stopsBehind } from '../../shared/insight/navigation/callHierarchy.ts';
import type { StopName } from '../../shared/insight/navigation/reach.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';
import { shortName } from './shortName.ts';

/** Who reaches this, and what does this reach: an editor's incoming and outgoing calls. */

export function prepareCallHierarchy(workspace: Workspace, uri: string, position: Position): CallHierarchyItem[] {
  return stopsAt(workspace, uri, position).map(itemOf);
}

export function incomingCalls(workspace: Workspace, { data }: CallHierarchyItem): CallHierarchyIncomingCall[] {
  const name = readName(data);
  if (name === null) return [];
  return stopsBefore(workspace, name).map(({ stop, ranges }) => ({ from: itemOf(stop), fromRanges: [...ranges] }));
}

export function outgoingCalls(workspace: Workspace, { data }: CallHierarchyItem): CallHierarchyOutgoingCall[] {
  const name = readName(data);
  if (name === null) return [];
  return stopsBehind(workspace, name).map(({ stop, ranges }) => ({ to: itemOf(stop), fromRanges: [...ranges] }));
}

const symbolKinds: Readonly<Record<PlacedStop['kind'], SymbolKind>> = {
  host: SymbolKind.Namespace,
  Gateway: SymbolKind.Module,
  Ingress: SymbolKind.Interface,
  route: SymbolKind.Interface,
  Service: SymbolKind.Object,
  port: SymbolKind.Field,
  workload: SymbolKind.Class,
};

function itemOf({ kind, name, detail, site: { uri, range }, data }: PlacedStop): CallHierarchyItem {
  const kindOfSymbol = symbolKinds[kind];
  return {
    name: shortName(name),
    kind: kindOfSymbol,
    detail: shortName(detail),
    uri,
    range,
    selectionRange: range,
    data,
  };
}

/** What the editor gives back; null for what isn't ours. */
function readName(data: unknown): StopName | null {
  if (typeof data !== 'object' || data === null) return null;
  const { object, host, port } = data as { object?: unknown; host?: unknown; port?: unknown };
  if (typeof object !== 'string') return null;
  return { object, host: typeof host === 'string' ? host : null, port: typeof port === 'number' ? port : null };
}
