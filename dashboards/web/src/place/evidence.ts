import { computed } from '@preact/signals';
import { session } from '../api/session.ts';

/** What is shown when it comes from bundles; undefined for a live site. */
export const evidence = computed(() => (session.value.kind === 'open' ? session.value.info.evidence : undefined));

export const isEvidence = computed(() => evidence.value !== undefined);
