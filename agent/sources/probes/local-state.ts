/** What a machine says of its services and processes; one file per platform. */
export interface LocalState {
  /** State by name: `running`, or what it is instead; undefined where there is no service manager. */
  services(names: readonly string[], signal: AbortSignal): Promise<Map<string, string> | undefined>;
  /** How many processes have this name. */
  processes(names: readonly string[], signal: AbortSignal): Promise<Map<string, number>>;
  /** Certificates in a store of the system; undefined where there is none. */
  certificates(store: string, signal: AbortSignal): Promise<StoredCertificate[] | undefined>;
}

export interface StoredCertificate {
  subject: string;
  issuer: string;
  thumbprint: string;
  beginsMs: number;
  expiresMs: number;
}
