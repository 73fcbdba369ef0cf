/**
 * The X.509 library, loaded when something is asked of it and not before: it costs 20 MiB, and a running agent needs it
 * once in months. It cannot be loaded without what stands before it here.
 */
export async function loadX509Library(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}
