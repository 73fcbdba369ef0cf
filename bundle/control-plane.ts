/** What probes have last seen in a bundle's window; times are RFC 3339. */
export interface ControlPlane {
  /** What the control plane says of itself, as each node that asks it has heard it. */
  readiness: { node: string; ready: boolean; parts: Record<string, number>; at: string }[];
  /** Endpoints and whatever else is probed; those of the control plane have the group `control-plane`. */
  probes: ProbeResult[];
  certificates: SeenCertificate[];
}

export interface ProbeResult {
  node: string;
  name: string;
  kind: string;
  group: string;
  up: boolean;
  /** `timeout`, `tls_expired`, `status_503`; empty when it is up. */
  error: string;
  url: string;
  /** Of the class that was answered, `2xx`; empty where none was. */
  status: string;
  seconds: number | null;
  looks: number;
  failedLooks: number;
  at: string;
}

export interface SeenCertificate {
  node: string;
  target: string;
  name: string;
  issuer: string;
  /** 0 is the target's own. */
  position: number;
  expiresAt: string;
  /** When it was last seen; negative once it has expired. */
  daysLeft: number;
  at: string;
}
