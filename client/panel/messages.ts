import type { TraceAnswer, TraceParams } from '../../shared/insight/protocol.ts';

/** What the extension and its panel say to each other. */
export type ToPanel =
  | { readonly kind: 'show'; readonly view: PanelView }
  /** Give the drawing of this side as SVG. */
  | { readonly kind: 'draw'; readonly side: number };

/** All that a panel shows; the webview keeps it over a reload of the window. */
export interface PanelView {
  /** One trace, or two that are compared. */
  readonly sides: readonly SideView[];
  /** A pinned panel keeps its request: another is shown beside it. */
  readonly isPinned: boolean;
}

export interface SideView {
  readonly request: TraceParams;
  /** The last one; null before the first. */
  readonly trace: TraceFound | null;
  /** Why there is no newer one; null where it is what was asked for. */
  readonly message: string | null;
}

export type TraceFound = Extract<TraceAnswer, { kind: 'trace' }>;

export type FromPanel =
  | { readonly kind: 'ready' }
  /** Show this line (from 1) of this file (a URI) in the editor. */
  | { readonly kind: 'open'; readonly file: string; readonly line: number }
  | { readonly kind: 'ask'; readonly side: number; readonly request: TraceParams }
  | { readonly kind: 'menu'; readonly side: number; readonly menu: PanelMenu }
  | { readonly kind: 'pin'; readonly isPinned: boolean }
  /** Compare no more, and keep this side. */
  | { readonly kind: 'keep'; readonly side: number }
  | { readonly kind: 'drawn'; readonly svg: string };

export type PanelMenu = 'who' | 'what-if' | 'compare' | 'copy';

export type Open = (file: string, line: number) => void;
export type Post = (message: FromPanel) => void;
