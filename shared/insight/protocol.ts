import type { Diagram } from '../trace/diagram.ts';
import type { TraceJson } from '../trace/traceJson.ts';

/** What client and server say to each other beyond the Language Server Protocol. Plain data; ranges count from 0. */
export const traceMethod = 'hoplens/trace';
/** The editor's command that a lens runs. */
export const traceCommand = 'hoplens.traceRequest';
/** The server's command for editors that show no traces themselves: it answers with text. */
export const textTraceCommand = 'hoplens.trace';
/** The editor's command that asks which overlay or values file it speaks of. */
export const pickBuildCommand = 'hoplens.pickBuild';
/** A trace as text, for the clipboard or a file. */
export const traceTextMethod = 'hoplens/traceText';
/** What else can be asked of a trace: by whom, in which other cluster. */
export const traceChoicesMethod = 'hoplens/traceChoices';
export const targetsMethod = 'hoplens/targets';
/** All sets, for whoever asks without a file in front. */
export const setsMethod = 'hoplens/sets';
/** The routes of every proxy of the file's set. */
export const routesMethod = 'hoplens/routes';
/** Who may reach whom in it. */
export const reachMethod = 'hoplens/reach';
/** From the server: something changed that a trace may rest on. */
export const changedMethod = 'hoplens/changed';

/** What a file is judged with; asked for the file in front. */
export const judgedSetMethod = 'hoplens/judgedSet';
/** To the server: of several builds that a file is part of, this one is spoken of first. */
export const pickMethod = 'hoplens/pick';

/** In a profile's place: what no manifest says is assumed, whatever profiles there are. */
export const noProfile = 'assumed';

/** What kubectl printed, as a ClusterProfile. */
export const profileMethod = 'hoplens/profileFromCluster';

export interface ProfileParams {
  readonly printed: string;
}

export type ProfileAnswer =
  | { readonly kind: 'profile'; readonly text: string }
  /** What the text lacks, and which command prints it. */
  | { readonly kind: 'nothing'; readonly message: string };

/** What prints all that a profile is made of. */
export const clusterCommands: readonly string[] = [
  'kubectl get nodes,daemonsets -A -o yaml',
  'kubectl get configmaps -n kube-system kube-proxy kubeadm-config --ignore-not-found -o yaml',
];

export interface JudgedSetParams {
  readonly uri: string;
}

/** Null for a file that isn't judged. */
export type JudgedSetAnswer = JudgedSetItem | null;

export interface JudgedSetItem {
  /** In a word or two: a folder's name, an overlay's. */
  readonly label: string;
  /** The files that are judged together, or that it is built of, as URIs. */
  readonly files: readonly string[];
  /** The profile that it is judged by; null for an assumed one. */
  readonly profile: ProfileItem | null;
  /** All ClusterProfiles of the workspace. */
  readonly profiles: readonly ProfileItem[];
  readonly nodes: { readonly count: number; readonly isAssumed: boolean };
  /** All builds that the file is part of, the one that is spoken of first; empty where nothing is built of it. */
  readonly builds: readonly BuildItem[];
}

export interface ProfileItem {
  readonly uri: string;
  readonly name: string;
}

export interface BuildItem {
  readonly root: string;
  readonly label: string;
  /** The kustomization or chart that it is built of. */
  readonly entry: string;
  readonly kind: 'kustomization' | 'chart';
  /** Whether the sources can't be built as they are now. */
  readonly isFailing: boolean;
}

export interface PickParams {
  readonly root: string;
}

export interface TraceParams {
  /** The file whose manifest set is meant. */
  readonly uri: string;
  /** TARGET and WHO as on the command line. */
  readonly target: string;
  readonly from: string;
  /** Plain GET over TCP without it. */
  readonly details?: RequestDetails | undefined;
  /** The root of the build that is meant; without it, the one that is spoken of first. */
  readonly build?: string | undefined;
  /** What is assumed otherwise than written, as `--assume` reads it. */
  readonly whatIf?: readonly string[] | undefined;
  /** The file of the ClusterProfile to go by, as a URI; without it, the set's own. */
  readonly profile?: string | undefined;
}

/** What a request has besides whom it asks and who does. */
export interface RequestDetails {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

export const plainDetails: RequestDetails = { protocol: 'TCP', method: 'GET', headers: {} };

export type TraceAnswer =
  | {
      readonly kind: 'trace';
      readonly target: string;
      readonly from: string;
      readonly trace: TraceJson;
      readonly diagram: Diagram;
      readonly usualMode: UsualMode | null;
      /** In words, and in the order of the request's. */
      readonly whatIf: readonly string[];
      /** How the build is called that it goes by; null for manifests that are applied as they are written. */
      readonly build: string | null;
      /** The name of the profile that was asked for; null for the set's own. */
      readonly profile: string | null;
      /** What can't be read or built just now: the trace is as of the last texts that could. */
      readonly unread: readonly UnreadItem[];
    }
  /** What was wrong, and what would be right. */
  | { readonly kind: 'unreadable'; readonly message: string };

export interface UnreadItem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export interface TraceTextParams extends TraceParams {
  readonly format: TraceFormat;
}

/** As the command line prints it. */
export type TraceFormat = 'text' | 'mermaid' | 'json';

export type TraceTextAnswer =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly message: string };

/** What fits a trace; all empty where there is none. */
export interface TraceChoices {
  readonly origins: readonly OriginItem[];
  readonly whatIfs: readonly WhatIfItem[];
  readonly builds: readonly BuildItem[];
  readonly profiles: readonly ProfileItem[];
}

export interface WhatIfItem {
  /** As `--assume` reads it. */
  readonly text: string;
  readonly label: string;
  /** What that means. */
  readonly description: string;
  readonly about: 'node' | 'pod' | 'service' | 'proxy';
}

/** What kube-proxy's usual mode would do, where the profile's does otherwise. */
export interface UsualMode {
  readonly mode: string;
  readonly text: string;
}

export interface TargetsParams {
  readonly uri: string;
  /** The root of the build that is meant; without it, the one that is spoken of first. */
  readonly build?: string | undefined;
}

/** What can be traced in the file's set, and who can ask. Null for a file that isn't among the manifests. */
export type TargetsAnswer = AskedInSet | null;

export interface AskedInSet {
  readonly targets: readonly TargetItem[];
  readonly origins: readonly OriginItem[];
}

/** A set that requests can be traced in. */
export interface SetItem {
  /** A build's name; null for a set that its place names. */
  readonly label: string | null;
  /** The folder's URI, or that of the one file. */
  readonly place: string;
  /** What `hoplens/targets` and `hoplens/trace` are asked with. */
  readonly uri: string;
  readonly build: string | null;
}

export interface LinesParams {
  readonly uri: string;
}

/** What is said of a file's set, as lines of text. Empty for a file that isn't among the manifests. */
export interface LinesAnswer {
  readonly lines: readonly LinkedLineItem[];
}

export interface LinkedLineItem {
  readonly text: string;
  readonly links: readonly LinkItem[];
}

/** A part of a line that leads to a line of YAML, counted from 0, or to a trace. */
export type LinkItem = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'place'; readonly uri: string; readonly line: number }
  | { readonly kind: 'trace'; readonly request: TraceParams; readonly about?: LinkAbout }
);

/** What somebody is told who looks at a link, and where that stands. */
export interface LinkAbout {
  readonly text: string;
  readonly places: readonly { readonly name: string; readonly uri: string; readonly line: number }[];
}

export interface TargetItem {
  readonly target: string;
  /** The lens's words. */
  readonly description: string;
  /** Who asks by default. */
  readonly from: string;
  readonly details: RequestDetails;
}

/** The sets that something leads into from outside, and what the workspace is at. */
export const entrySetsMethod = 'hoplens/entrySets';
/** The ways into one of them. */
export const entryPointsMethod = 'hoplens/entryPoints';

export interface EntrySetsAnswer {
  readonly state: WorkspaceState;
  readonly sets: readonly EntrySetItem[];
}

export type WorkspaceState =
  | { readonly kind: 'reading'; readonly read: number; readonly all: number }
  | { readonly kind: 'building'; readonly left: number; readonly all: number }
  /** How many manifests there are, and how many of them have a chart installed that isn't here. */
  | { readonly kind: 'ready'; readonly manifests: number; readonly remoteCharts: number };

export interface EntrySetItem {
  readonly root: string;
  readonly kind: 'chart' | 'kustomization' | 'dump' | 'folder' | 'built';
  /** A build's name: `prod`, `values-prod.yaml`; null for a set that its place names. */
  readonly label: string | null;
  /** The folder's URI, or that of the one file. */
  readonly place: string;
  /** Why it can't be built as it is now; null where it can, or nothing is to be built. */
  readonly problem: { readonly message: string; readonly uri: string } | null;
  /** Another number where something in it may be otherwise than it was told. */
  readonly revision: number;
}

export interface EntryPointsParams {
  readonly root: string;
}

/** Null for a set that is gone. */
export type EntryPointsAnswer = { readonly revision: number; readonly entries: readonly EntryPointItem[] } | null;

export interface EntryPointItem {
  readonly kind: 'load-balancer' | 'node-port' | 'ingress' | 'gateway';
  readonly name: string;
  readonly outcome: 'arrives' | 'partly' | 'lost' | 'unknown';
  readonly way: string;
  readonly notes: readonly string[];
  /** What `hoplens/trace` is asked for it; null where nothing can be asked. */
  readonly request: TraceParams | null;
  /** The line that makes it; null where it stands in no file. */
  readonly place: { readonly uri: string; readonly line: number } | null;
}

export interface OriginItem {
  readonly from: string;
  readonly description: string;
}

/** To a client that says so in its capabilities (`OwnCapabilities`): read these files, wherever they lie. */
export const readFilesMethod = 'hoplens/readFiles';
/** To the same client: what is in these folders. */
export const listFoldersMethod = 'hoplens/listFolders';

export interface ReadFilesParams {
  readonly uris: readonly string[];
  /** The most bytes that a file may have. */
  readonly largest: number;
}

/** In the order of the URIs; null for what isn't there or is no file. */
export type ReadFilesAnswer = readonly (FileContent | null)[];

export type FileContent = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'too-large' };

export interface ListFoldersParams {
  readonly uris: readonly string[];
}

/** In the order of the URIs; empty for what isn't there. */
export type ListFoldersAnswer = readonly (readonly FolderEntry[])[];

export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/** What Hoplens' own client can do besides, under `experimental.hoplens` of its capabilities. */
export interface OwnCapabilities {
  /** It reads files of any file system: `hoplens/readFiles`, `hoplens/listFolders`. */
  readonly readsFiles: boolean;
  /** It shows traces itself: `hoplens.traceRequest` and `hoplens.pickBuild` are its commands. */
  readonly showsTraces: boolean;
}

/** To the browser's client: a file of `dist/`. The answer is its bytes, as a `Uint8Array`. */
export const ownFileMethod = 'hoplens/ownFile';

export interface OwnFileParams {
  readonly name: 'render.web.js' | 'render.wasm.gz';
}
