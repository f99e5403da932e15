import type { Manifest } from '../../manifest/manifest.ts';
import type { FieldPath } from '../../manifest/value.ts';

/**
 * Something false that a controller would write in an object's status, with the standard's own type and reason.
 * Source: kubernetes-sigs/gateway-api apis/v1/{gateway,listenerset,shared,backendtlspolicy}_types.go (v1.6.1).
 */
export interface Condition {
  readonly type: 'Accepted' | 'ResolvedRefs' | 'Conflicted' | 'Programmed';
  readonly reason: ConditionReason;
  readonly text: string;
  readonly manifest: Manifest;
  /** The field that it is about. */
  readonly at: FieldPath;
}

export type ConditionReason =
  | 'HostnameConflict'
  | 'ProtocolConflict'
  | 'UnsupportedProtocol'
  | 'Invalid'
  | 'InvalidRouteKinds'
  | 'InvalidCertificateRef'
  | 'RefNotPermitted'
  | 'NotAllowed'
  | 'NoMatchingParent'
  | 'NotAllowedByListeners'
  | 'NoMatchingListenerHostname'
  | 'InvalidKind'
  | 'BackendNotFound'
  | 'Conflicted'
  | 'InvalidCACertificateRef'
  | 'NoValidCACertificate';
