export async function serveStdio(): Promise<number> { return 0; }
