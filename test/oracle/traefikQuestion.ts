/** A cluster as Traefik's providers see it, how Traefik is started in it, and what is asked. */
export interface TraefikQuestion {
  readonly objects: readonly object[];
  readonly args: readonly string[];
  readonly requests: readonly WrittenRequest[];
}

export interface WrittenRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}
