import { isIn } from '../../cluster/address.ts';
import type { Endpoint } from '../../cluster/endpoints.ts';
import { type ClusterNode, isLocalTo } from '../../cluster/node.ts';
import type { RuleLine } from './ruleLine.ts';
import type { ArrivingPacket, PacketPath } from './treatment.ts';

/**
 * A packet's way through the rules that kube-proxy programs on a node:
 * which lines it matched, in order, and how it ended.
 */
export interface RuleWalk {
  readonly met: readonly RuleLine[];
  readonly end: 'forwarded' | 'dropped' | 'rejected' | 'untouched';
  readonly isMasqueraded: boolean;
}

/** A packet on a node, whose rules it walks through. */
export interface WalkingPacket {
  readonly node: ClusterNode;
  readonly packet: ArrivingPacket;
  readonly path: PacketPath;
}

/** What a walk through rules needs to know beside the rules. */
export interface WalkQuestion extends WalkingPacket {
  /** The endpoint that chance picks, where it has a say. */
  readonly chosen: Endpoint | null;
}

/** The rules of a node by the table and chain that they stand in. */
export type RulesByPlace = ReadonlyMap<string, readonly RuleLine[]>;

/**
 * The walks of one packet through the rules of one node, by the endpoint that chance picks, where it has a say: the
 * rules are made once for all of them, since a Service of a thousand endpoints has thousands.
 */
export type RuleWalks = (chosen: Endpoint | null) => RuleWalk;

/** What becomes of a packet while it walks through rules of either kind. */
export class PacketWalk {
  readonly question: WalkQuestion;
  readonly met: RuleLine[] = [];
  destination: { readonly address: string; readonly port: number };
  isTranslated = false;
  isMarked = false;
  isMasqueraded = false;
  refusal: 'dropped' | 'rejected' | null = null;

  constructor(question: WalkQuestion) {
    this.question = question;
    this.destination = question.packet.destination;
  }

  get isRefused(): boolean {
    return this.refusal !== null;
  }

  /** Whether the packet, as it now is, ends on the node itself. */
  get isForNode(): boolean {
    return isLocalTo(this.question.node, this.destination.address);
  }

  get isFromNode(): boolean {
    return isLocalTo(this.question.node, this.question.packet.source);
  }

  /** To the endpoint that chance picks. */
  translate(): void {
    const { chosen } = this.question;
    this.isTranslated = true;
    if (chosen !== null) this.destination = { address: chosen.address, port: chosen.port };
  }

  get result(): RuleWalk {
    return {
      met: this.met,
      end: this.refusal ?? (this.isTranslated ? 'forwarded' : 'untouched'),
      isMasqueraded: this.isMasqueraded,
    };
  }
}

/** An address, or a range, as rules name them. */
export function isWithin(address: string, range: string): boolean {
  return range.includes('/') ? isIn(address, range) : address === range;
}
